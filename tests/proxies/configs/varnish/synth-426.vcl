vcl 4.1;
backend default { .host = "127.0.0.1"; .port = "@origin@"; }
sub vcl_recv {
    if (req.url ~ "^/chat" && !req.http.upgrade) {
        return (synth(426, "Upgrade Required"));
    }
}
sub vcl_synth {
    set resp.http.Upgrade = "websocket";
    set resp.http.Connection = "Upgrade";
}
