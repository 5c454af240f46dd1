// The QUIC library, and all that differs between its versions 0.12 (Debian 12) and 1.x.
#pragma once

#include <netinet/in.h>
#include <ngtcp2/ngtcp2.h>
#include <ngtcp2/ngtcp2_crypto.h>
#include <ngtcp2/ngtcp2_crypto_gnutls.h>

#include <algorithm>
#include <cstring>
#include <string>

#include "conclave/bytes.h"
#include "conclave/time.h"
#include "transport/address.h"

namespace conclave::transport::quic {

#if NGTCP2_VERSION_NUM >= 0x010000
using CloseError = ngtcp2_ccerr;
inline void set_application_error(CloseError& error, std::uint64_t code, ByteView reason) {
  ngtcp2_ccerr_set_application_error(&error, code, reason.data(), reason.size());
}
inline void set_library_error(CloseError& error, int code) { ngtcp2_ccerr_set_liberr(&error, code, nullptr, 0); }
inline void set_tls_alert(CloseError& error, std::uint8_t alert) { ngtcp2_ccerr_set_tls_alert(&error, alert, nullptr, 0); }
inline CloseError received_close(ngtcp2_conn* conn) { return *ngtcp2_conn_get_ccerr(conn); }
inline bool is_application(const CloseError& error) { return error.type == NGTCP2_CCERR_TYPE_APPLICATION; }
inline void mark_original_dcid(ngtcp2_transport_params& params) { params.original_dcid_present = 1; }
inline void set_token(ngtcp2_settings& settings, ByteView token) {
  settings.token = token.data();
  settings.tokenlen = token.size();
}
inline ByteView token_of(const ngtcp2_pkt_hd& header) { return {header.token, header.tokenlen}; }
inline constexpr std::uint8_t keep_quic_bit = 0xff;
inline std::uint64_t bytes_in_flight(ngtcp2_conn* conn) {
  ngtcp2_conn_info info;
  ngtcp2_conn_get_conn_info(conn, &info);
  return info.bytes_in_flight;
}
#else
using CloseError = ngtcp2_connection_close_error;
inline void set_application_error(CloseError& error, std::uint64_t code, ByteView reason) {
  ngtcp2_connection_close_error_set_application_error(&error, code, reason.data(), reason.size());
}
inline void set_library_error(CloseError& error, int code) {
  ngtcp2_connection_close_error_set_transport_error_liberr(&error, code, nullptr, 0);
}
inline void set_tls_alert(CloseError& error, std::uint8_t alert) {
  ngtcp2_connection_close_error_set_transport_error_tls_alert(&error, alert, nullptr, 0);
}
inline CloseError received_close(ngtcp2_conn* conn) {
  CloseError error;
  ngtcp2_conn_get_connection_close_error(conn, &error);
  return error;
}
inline bool is_application(const CloseError& error) {
  return error.type == NGTCP2_CONNECTION_CLOSE_ERROR_CODE_TYPE_APPLICATION;
}
inline void mark_original_dcid(ngtcp2_transport_params&) {}
inline void set_token(ngtcp2_settings& settings, ByteView token) {
  settings.token = {const_cast<std::uint8_t*>(token.data()), token.size()};
}
inline ByteView token_of(const ngtcp2_pkt_hd& header) { return {header.token.base, header.token.len}; }
/// This version always allows its peer to clear the QUIC bit (RFC 9287), which tells QUIC from hop packets here, and throws
/// the low bit of a single random byte to decide whether to do so itself: that bit is to be zero.
inline constexpr std::uint8_t keep_quic_bit = 0xfe;
inline std::uint64_t bytes_in_flight(ngtcp2_conn* conn) {
  ngtcp2_conn_stat info;
  ngtcp2_conn_get_conn_stat(conn, &info);
  return info.bytes_in_flight;
}
#endif

/// The library's time: nanoseconds, and far from zero, which some of its fields use for "not yet".
inline constexpr Duration timestamp_offset = std::chrono::seconds(1000);

inline ngtcp2_duration to_library(Duration duration) { return static_cast<ngtcp2_duration>(duration.count()) * 1000; }
inline ngtcp2_tstamp to_library(Time time) { return to_library(time.time_since_epoch() + timestamp_offset); }
/// Rounded up: a timer of the library is never asked too early.
inline Time from_library(ngtcp2_tstamp timestamp) {
  if (timestamp >= static_cast<ngtcp2_tstamp>(INT64_MAX)) return never;
  return Time(Duration(static_cast<std::int64_t>((timestamp + 999) / 1000)) - timestamp_offset);
}

/// A connection id as a key of maps.
inline std::string text(const ngtcp2_cid& cid) { return {cid.data, cid.data + cid.datalen}; }
inline ngtcp2_cid make_cid(ByteView bytes) {
  ngtcp2_cid cid;
  ngtcp2_cid_init(&cid, bytes.data(), bytes.size());
  return cid;
}

/// An address in the form of the library and of sockets. Always IPv6.
inline sockaddr_in6 to_socket_address(const Address& address) {
  sockaddr_in6 out{};
  out.sin6_family = AF_INET6;
  out.sin6_port = htons(address.port);
  std::memcpy(&out.sin6_addr, address.ip.data(), address.ip.size());
  return out;
}

inline Address from_socket_address(const ngtcp2_addr& address) {
  sockaddr_in6 in{};
  std::memcpy(&in, address.addr, std::min<std::size_t>(sizeof in, address.addrlen));
  Address out;
  std::memcpy(out.ip.data(), &in.sin6_addr, out.ip.size());
  out.port = ntohs(in.sin6_port);
  return out;
}

/// A path from us, who do not know our own address, to `remote`.
class LibraryPath {
 public:
  explicit LibraryPath(const Address& remote) : local_(to_socket_address(Address{})), remote_(to_socket_address(remote)) {
    path_.local = {reinterpret_cast<ngtcp2_sockaddr*>(&local_), sizeof local_};
    path_.remote = {reinterpret_cast<ngtcp2_sockaddr*>(&remote_), sizeof remote_};
  }
  LibraryPath(const LibraryPath&) = delete;
  LibraryPath& operator=(const LibraryPath&) = delete;
  [[nodiscard]] const ngtcp2_path* get() const { return &path_; }

 private:
  sockaddr_in6 local_;
  sockaddr_in6 remote_;
  ngtcp2_path path_{};
};

}  // namespace conclave::transport::quic
