package main

import (
	"log"
	"net/http"
	"net/http/httputil"
	"net/url"
	"time"
)

func main() {
	target, err := url.Parse("http://127.0.0.1:@origin@")
	if err != nil {
		log.Fatal(err)
	}
	proxy := httputil.NewSingleHostReverseProxy(target)
	handler := http.TimeoutHandler(proxy, 30*time.Second, "too slow")
	log.Fatal(http.ListenAndServe("127.0.0.1:@port@", handler))
}
