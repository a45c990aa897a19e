// The WebSocket libraries gorilla/websocket and coder/websocket, against one URL.
//
// Usage: client URL gorilla|coder
//
// The law of this file: it uses each library as its manual says, and prints one line of JSON.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"strings"
	"time"

	coder "github.com/coder/websocket"
	gorilla "github.com/gorilla/websocket"
)

const text = "hello"

type result struct {
	Version string `json:"version"`
	Status  int    `json:"status"`
	Outcome string `json:"outcome"`
}

func main() {
	clients := map[string]func(string) (result, error){"gorilla": byGorilla, "coder": byCoder}
	client, known := clients[os.Args[2]]
	if !known {
		fail(fmt.Errorf("no client %q", os.Args[2]))
	}
	seen, err := client(os.Args[1])
	if err != nil {
		fail(err)
	}
	if err := json.NewEncoder(os.Stdout).Encode(seen); err != nil {
		fail(err)
	}
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}

func byGorilla(url string) (result, error) {
	dialer := gorilla.Dialer{Subprotocols: []string{"chat"}, EnableCompression: true}
	connection, response, err := dialer.Dial(url, nil)
	if err != nil {
		return result{}, err
	}
	defer connection.Close()
	if err := connection.WriteMessage(gorilla.TextMessage, []byte(text)); err != nil {
		return result{}, err
	}
	kind, echoed, err := connection.ReadMessage()
	if err != nil {
		return result{}, err
	}
	if kind != gorilla.TextMessage {
		return result{}, errors.New("the echo is binary")
	}
	closing := gorilla.FormatCloseMessage(gorilla.CloseNormalClosure, "")
	deadline := time.Now().Add(5 * time.Second)
	if err := connection.WriteControl(gorilla.CloseMessage, closing, deadline); err != nil {
		return result{}, err
	}
	_, _, err = connection.ReadMessage()
	var closed *gorilla.CloseError
	if !errors.As(err, &closed) {
		return result{}, fmt.Errorf("no close frame: %w", err)
	}
	return result{
		Version: versionOf("github.com/gorilla/websocket"),
		Status:  response.StatusCode,
		Outcome: describe(echoed, connection.Subprotocol(), closed.Code),
	}, nil
}

func byCoder(url string) (result, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	options := &coder.DialOptions{
		Subprotocols:    []string{"chat"},
		CompressionMode: coder.CompressionContextTakeover,
	}
	connection, response, err := coder.Dial(ctx, url, options)
	if err != nil {
		return result{}, err
	}
	defer connection.CloseNow()
	if err := connection.Write(ctx, coder.MessageText, []byte(text)); err != nil {
		return result{}, err
	}
	kind, echoed, err := connection.Read(ctx)
	if err != nil {
		return result{}, err
	}
	if kind != coder.MessageText {
		return result{}, errors.New("the echo is binary")
	}
	// It returns nil only when the server's close frame came, with the same code.
	if err := connection.Close(coder.StatusNormalClosure, ""); err != nil {
		return result{}, err
	}
	return result{
		Version: versionOf("github.com/coder/websocket"),
		Status:  response.StatusCode,
		Outcome: describe(echoed, connection.Subprotocol(), int(coder.StatusNormalClosure)),
	}, nil
}

func describe(echoed []byte, subprotocol string, code int) string {
	if subprotocol == "" {
		subprotocol = "none"
	}
	return fmt.Sprintf("echoed '%s' as text, subprotocol %s, closed %d", echoed, subprotocol, code)
}

func versionOf(module string) string {
	build, _ := debug.ReadBuildInfo()
	for _, dependency := range build.Deps {
		if dependency.Path == module {
			version := strings.TrimPrefix(dependency.Version, "v")
			return version + ", Go " + strings.TrimPrefix(runtime.Version(), "go")
		}
	}
	return "unknown"
}
