import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import okhttp3.OkHttp;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;

/**
 * Java's own HttpClient, and OkHttp, against one URL.
 *
 * <p>Usage: java Client URL get|post|websocket|okhttp
 *
 * <p>The law of this file: it uses each library as its manual says, and prints one line of JSON.
 */
final class Client {
    private static final String TEXT = "hello";
    private static final int SECONDS = 15;

    private Client() {}

    public static void main(String[] arguments) {
        try {
            System.out.println(by(arguments[1], arguments[0]));
        } catch (Throwable error) {
            error.printStackTrace();
            System.exit(1);
        }
        System.exit(0); // either way, OkHttp's threads would live on for a minute
    }

    private static String by(String means, String url) throws Exception {
        return switch (means) {
            case "get" -> byRequest(url, HttpRequest.newBuilder().GET());
            case "post" -> byRequest(
                    url, HttpRequest.newBuilder().POST(BodyPublishers.ofString("posted")));
            case "websocket" -> byWebSocket(url);
            case "okhttp" -> byOkHttp(url);
            default -> throw new IllegalArgumentException(means);
        };
    }

    /** Two requests: the first one switches its connection, the second one finds it so. */
    private static String byRequest(String url, HttpRequest.Builder request) throws Exception {
        HttpClient client = HttpClient.newHttpClient();
        HttpRequest built =
                request.uri(URI.create(url)).timeout(Duration.ofSeconds(SECONDS)).build();
        HttpResponse<String> first = client.send(built, BodyHandlers.ofString());
        HttpResponse<String> second = client.send(built, BodyHandlers.ofString());
        return json(javaVersion(), first.statusCode(), answered(first) + ", then " + answered(second));
    }

    private static String answered(HttpResponse<String> response) {
        return response.version() + " '" + response.body().strip() + "'";
    }

    private static String byWebSocket(String url) throws Exception {
        var echoed = new CompletableFuture<String>();
        var closed = new CompletableFuture<Integer>();
        var listener =
                new java.net.http.WebSocket.Listener() {
                    @Override
                    public CompletionStage<?> onText(
                            java.net.http.WebSocket socket, CharSequence data, boolean last) {
                        echoed.complete(data.toString());
                        socket.request(1);
                        return null;
                    }

                    @Override
                    public CompletionStage<?> onClose(
                            java.net.http.WebSocket socket, int code, String reason) {
                        closed.complete(code);
                        return null;
                    }

                    @Override
                    public void onError(java.net.http.WebSocket socket, Throwable error) {
                        echoed.completeExceptionally(error);
                        closed.completeExceptionally(error);
                    }
                };
        java.net.http.WebSocket socket =
                HttpClient.newHttpClient()
                        .newWebSocketBuilder()
                        .subprotocols("chat")
                        .buildAsync(URI.create(url), listener)
                        .get(SECONDS, TimeUnit.SECONDS);
        socket.sendText(TEXT, true).get(SECONDS, TimeUnit.SECONDS);
        String text = echoed.get(SECONDS, TimeUnit.SECONDS);
        socket.sendClose(java.net.http.WebSocket.NORMAL_CLOSURE, "");
        int code = closed.get(SECONDS, TimeUnit.SECONDS);
        // It shows no status, and opens on nothing but a 101.
        return json(javaVersion(), 101, describe(text, socket.getSubprotocol(), code));
    }

    private static String byOkHttp(String url) throws Exception {
        var opened = new CompletableFuture<Response>();
        var echoed = new CompletableFuture<String>();
        var closed = new CompletableFuture<Integer>();
        var listener =
                new okhttp3.WebSocketListener() {
                    @Override
                    public void onOpen(okhttp3.WebSocket socket, Response response) {
                        opened.complete(response);
                        socket.send(TEXT);
                    }

                    @Override
                    public void onMessage(okhttp3.WebSocket socket, String text) {
                        echoed.complete(text);
                        socket.close(1000, null);
                    }

                    @Override
                    public void onClosed(okhttp3.WebSocket socket, int code, String reason) {
                        closed.complete(code);
                    }

                    @Override
                    public void onFailure(
                            okhttp3.WebSocket socket, Throwable error, Response response) {
                        opened.completeExceptionally(error);
                        echoed.completeExceptionally(error);
                        closed.completeExceptionally(error);
                    }
                };
        Request request =
                new Request.Builder().url(url).header("Sec-WebSocket-Protocol", "chat").build();
        new OkHttpClient().newWebSocket(request, listener);
        Response response = opened.get(SECONDS, TimeUnit.SECONDS);
        String text = echoed.get(SECONDS, TimeUnit.SECONDS);
        int code = closed.get(SECONDS, TimeUnit.SECONDS);
        String subprotocol = response.header("Sec-WebSocket-Protocol", "none");
        String version = OkHttp.VERSION + ", " + javaVersion();
        return json(version, response.code(), describe(text, subprotocol, code));
    }

    private static String describe(String text, String subprotocol, int code) {
        String agreed = subprotocol.isEmpty() ? "none" : subprotocol;
        return "echoed '" + text + "' as text, subprotocol " + agreed + ", closed " + code;
    }

    private static String javaVersion() {
        return "Java " + Runtime.version().toString();
    }

    /** None of these texts has a character in it that JSON would escape. */
    private static String json(String version, int status, String outcome) {
        return "{\"version\": \"%s\", \"status\": %d, \"outcome\": \"%s\"}"
                .formatted(version, status, outcome);
    }
}
