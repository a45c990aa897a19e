//! tungstenite, against one URL. Usage: interop URL
//!
//! The law of this file: it uses the library as its manual says, and prints one line of JSON.

use std::error::Error;

use tungstenite::client::IntoClientRequest;
use tungstenite::http::HeaderValue;
use tungstenite::protocol::frame::coding::CloseCode;
use tungstenite::protocol::CloseFrame;
use tungstenite::{connect, Message};

/// As Cargo.toml pins it: Cargo tells a program its own version, and no other.
const VERSION: &str = "0.30.0";

fn main() -> Result<(), Box<dyn Error>> {
    let url = std::env::args().nth(1).ok_or("no URL")?;
    let mut request = url.into_client_request()?;
    let offered = HeaderValue::from_static("chat");
    request.headers_mut().insert("Sec-WebSocket-Protocol", offered);

    let (mut socket, response) = connect(request)?;
    socket.send(Message::text("hello"))?;
    let echoed = match socket.read()? {
        Message::Text(text) => text,
        other => return Err(format!("the echo is {other:?}").into()),
    };
    let closing = CloseFrame { code: CloseCode::Normal, reason: "".into() };
    socket.close(Some(closing))?;
    let code = match socket.read()? {
        Message::Close(Some(frame)) => u16::from(frame.code),
        other => return Err(format!("no close frame, but {other:?}").into()),
    };

    let subprotocol = match response.headers().get("Sec-WebSocket-Protocol") {
        Some(value) => value.to_str()?,
        None => "none",
    };
    println!(
        "{{\"version\": \"{VERSION}\", \"status\": {}, \"outcome\": \
         \"echoed '{echoed}' as text, subprotocol {subprotocol}, closed {code}\"}}",
        response.status().as_u16(),
    );
    Ok(())
}
