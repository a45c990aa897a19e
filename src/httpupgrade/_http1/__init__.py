"""HTTP/1.1 on the wire, the Upgrade field included. It knows no policy and no offer."""
