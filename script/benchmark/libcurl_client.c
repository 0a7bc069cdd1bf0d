// What libcurl itself costs: the PATCHes of ours from one thread that does nothing else. As in Sources/Shared/Curl,
// handles are used again and requests leave together; answers gather for PAUSE microseconds, always.
//
// Usage: libcurl-client URLS CONNECTIONS STREAMS PAUSE CA [HEADER]..., with the token in TOKEN
// URLS has a URL in each line, the same server in all. Writes {"seconds": …, "good": …} to standard output.
#include <curl/curl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { most_sockets = 64, crowd = 16 };

static curl_socket_t sockets[most_sockets];
static int socket_count;

static int opened(void *context, curl_socket_t socket, curlsocktype purpose) {
    (void)context, (void)purpose;
    if (socket_count < most_sockets) sockets[socket_count++] = socket;
    return CURL_SOCKOPT_OK;
}

static void hold_back(int holds) {
    for (int i = 0; i < socket_count; i++) setsockopt(sockets[i], IPPROTO_TCP, TCP_CORK, &holds, sizeof holds);
}

static size_t drop(char *bytes, size_t size, size_t count, void *context) {
    (void)bytes, (void)context;
    return size * count;
}

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static struct curl_slist *headers(const char *token, int count, char **lines) {
    char line[8192];
    snprintf(line, sizeof line, "Authorization: Bearer %s", token);
    struct curl_slist *list = curl_slist_append(NULL, line);
    for (int i = 0; i < count; i++) list = curl_slist_append(list, lines[i]);
    return list;
}

static CURL *handle(struct curl_slist *list, const char *authorities) {
    CURL *easy = curl_easy_init();
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_CAINFO, authorities);
    curl_easy_setopt(easy, CURLOPT_CAPATH, NULL);
    curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_2TLS);
    curl_easy_setopt(easy, CURLOPT_PIPEWAIT, 1L);
    curl_easy_setopt(easy, CURLOPT_PATH_AS_IS, 1L);
    curl_easy_setopt(easy, CURLOPT_BUFFERSIZE, 4L << 10);
    curl_easy_setopt(easy, CURLOPT_UPLOAD_BUFFERSIZE, 16L << 10);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, drop);
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, drop);
    curl_easy_setopt(easy, CURLOPT_SOCKOPTFUNCTION, opened);
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, list);
    curl_easy_setopt(easy, CURLOPT_POST, 1L);
    curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE, 2L);
    curl_easy_setopt(easy, CURLOPT_POSTFIELDS, "{}");
    curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, "PATCH");
    return easy;
}

int main(int count, char **words) {
    const char *token = getenv("TOKEN");
    if (count < 6 || !token) return 2;
    int connections = atoi(words[2]), streams = atoi(words[3]), pause = atoi(words[4]);
    FILE *urls = fopen(words[1], "r");
    if (!urls || connections < 1 || streams < connections) return 2;

    curl_global_init(CURL_GLOBAL_DEFAULT);
    CURLM *multi = curl_multi_init();
    curl_multi_setopt(multi, CURLMOPT_MAX_HOST_CONNECTIONS, (long)connections);
    curl_multi_setopt(multi, CURLMOPT_MAX_CONCURRENT_STREAMS, (long)(streams / connections));
    struct curl_slist *list = headers(token, count - 6, words + 6);
    CURL *idle[streams];
    int idle_count = 0, good = 0, running = 0, more = 1;
    while (idle_count < streams) idle[idle_count++] = handle(list, words[5]);

    char url[4096];
    double start = now();
    while (more || running) {
        int started = 0;
        while (more && idle_count && (more = fgets(url, sizeof url, urls) != NULL)) {
            url[strcspn(url, "\n")] = 0;
            CURL *easy = idle[--idle_count];
            curl_easy_setopt(easy, CURLOPT_URL, url);
            curl_multi_add_handle(multi, easy);
            started++, running++;
        }
        int active, left;
        if (started) hold_back(1);
        curl_multi_perform(multi, &active);
        if (started) hold_back(0);
        for (CURLMsg *message; (message = curl_multi_info_read(multi, &left));) {
            CURL *easy = message->easy_handle;
            long status = 0;
            curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
            good += message->data.result == CURLE_OK && status == 200;
            curl_multi_remove_handle(multi, easy);
            idle[idle_count++] = easy;
            running--;
        }
        if (!running || (more && idle_count)) continue;
        curl_multi_poll(multi, NULL, 0, 250, NULL);
        if (pause && running >= crowd) usleep((useconds_t)pause);
    }
    printf("{\"seconds\": %f, \"good\": %d}\n", now() - start, good);
    return 0;
}
