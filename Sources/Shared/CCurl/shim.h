// The C fence of libcurl. curl_easy_setopt, curl_multi_setopt and curl_easy_getinfo are variadic, which Swift cannot call;
// each wrapper here fixes the one argument type that its group of options takes. The names in parentheses step around
// curl's type-checking macros, which only see constants.
#ifndef CCURL_SHIM_H
#define CCURL_SHIM_H

#include <curl/curl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stddef.h>
#include <sys/socket.h>
#ifdef __linux__
#include <sys/prctl.h>
#else
#include <pthread.h>
#include <string.h>
#endif

#if LIBCURL_VERSION_NUM < 0x075700
#error "libcurl 7.87.0 or newer is needed"
#endif

static inline CURLcode ccurl_set_long(CURL *easy, CURLoption option, long value) {
  return (curl_easy_setopt)(easy, option, value);
}

/// For options that take a string (copied by libcurl), a list or a data pointer (kept, not copied), or NULL.
static inline CURLcode ccurl_set_pointer(CURL *easy, CURLoption option, const void *value) {
  return (curl_easy_setopt)(easy, option, value);
}

static inline CURLcode ccurl_set_size(CURL *easy, CURLoption option, curl_off_t value) {
  return (curl_easy_setopt)(easy, option, value);
}

/// The bytes are not copied: they have to outlive the handle.
static inline CURLcode ccurl_set_blob(CURL *easy, CURLoption option, void *bytes, size_t count) {
  struct curl_blob blob = {bytes, count, CURL_BLOB_NOCOPY};
  return (curl_easy_setopt)(easy, option, &blob);
}

typedef size_t (*ccurl_data_function)(char *bytes, size_t size, size_t count, void *context);

/// For CURLOPT_WRITEFUNCTION and CURLOPT_HEADERFUNCTION.
static inline CURLcode ccurl_set_data_function(CURL *easy, CURLoption option, ccurl_data_function function) {
  return (curl_easy_setopt)(easy, option, function);
}

typedef int (*ccurl_prereq_function)(
    void *context, char *remote_ip, char *local_ip, int remote_port, int local_port);

static inline CURLcode ccurl_set_prereq_function(CURL *easy, ccurl_prereq_function function) {
  return (curl_easy_setopt)(easy, CURLOPT_PREREQFUNCTION, function);
}

/// Ends a connection whose peer has acknowledged nothing for this long; keepalive probes count as data sent.
enum { CCURL_UNACKNOWLEDGED_MILLISECONDS = 45000 };

/// A kernel that refuses it leaves only the slower limits of keepalive; that is no reason not to connect.
static inline void ccurl_limit_unacknowledged(curl_socket_t socket) {
#ifdef TCP_USER_TIMEOUT
  unsigned int limit = CCURL_UNACKNOWLEDGED_MILLISECONDS;
  (void)setsockopt(socket, IPPROTO_TCP, TCP_USER_TIMEOUT, &limit, sizeof limit);
#else
  // macOS: in seconds (tcp(4)).
  int limit = CCURL_UNACKNOWLEDGED_MILLISECONDS / 1000;
  (void)setsockopt(socket, IPPROTO_TCP, TCP_RXT_CONNDROPTIME, &limit, sizeof limit);
#endif
}

/// Holds back segments that are not full (1), or sends what was held back (0).
static inline void ccurl_cork(curl_socket_t socket, int holds) {
#ifdef TCP_CORK
  (void)setsockopt(socket, IPPROTO_TCP, TCP_CORK, &holds, sizeof holds);
#else
  // macOS: TCP_NOPUSH holds back as well, but what was held back leaves with the next write only (tcp(4)): not used.
  (void)socket;
  (void)holds;
#endif
}

typedef int (*ccurl_opened_function)(void *context, curl_socket_t socket, curlsocktype purpose);

static inline CURLcode ccurl_set_opened_function(CURL *easy, ccurl_opened_function function) {
  return (curl_easy_setopt)(easy, CURLOPT_SOCKOPTFUNCTION, function);
}

typedef int (*ccurl_close_function)(void *context, curl_socket_t socket);

static inline CURLcode ccurl_set_close_function(CURL *easy, ccurl_close_function function) {
  return (curl_easy_setopt)(easy, CURLOPT_CLOSESOCKETFUNCTION, function);
}

static inline CURLcode ccurl_get_long(CURL *easy, CURLINFO info, long *value) {
  return (curl_easy_getinfo)(easy, info, value);
}

static inline CURLcode ccurl_get_size(CURL *easy, CURLINFO info, curl_off_t *value) {
  return (curl_easy_getinfo)(easy, info, value);
}

static inline CURLcode ccurl_get_pointer(CURL *easy, CURLINFO info, void **value) {
  return (curl_easy_getinfo)(easy, info, value);
}

static inline CURLMcode ccurl_multi_set_long(CURLM *multi, CURLMoption option, long value) {
  return (curl_multi_setopt)(multi, option, value);
}

/// Names the calling thread, for people who look at a process; Linux cuts after 15 bytes. prctl is variadic.
static inline void ccurl_name_thread(const char *name) {
#ifdef __linux__
  (void)prctl(PR_SET_NAME, name, 0, 0, 0);
#else
  (void)pthread_setname_np(name);
#endif
}

/// The value is a macro with a cast, which Swift does not import.
static inline CURLcode ccurl_global_start(void) { return curl_global_init(CURL_GLOBAL_DEFAULT); }

#endif
