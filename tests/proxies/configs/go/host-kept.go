package main

import (
	"log"
	"net/http"
	"net/http/httputil"
	"net/url"
)

func main() {
	target, err := url.Parse("http://127.0.0.1:@origin@")
	if err != nil {
		log.Fatal(err)
	}
	proxy := httputil.NewSingleHostReverseProxy(target)
	direct := proxy.Director
	proxy.Director = func(request *http.Request) {
		host := request.Host
		direct(request)
		request.Host = host
	}
	log.Fatal(http.ListenAndServe("127.0.0.1:@port@", proxy))
}
