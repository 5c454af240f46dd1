#include "transport/websocket/upgrade.h"

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/rfc7230.hpp>
#include <optional>

#include "base/bytes.h"

namespace conclave::transport::websocket {
namespace {

namespace http = boost::beast::http;

constexpr std::string_view accept_suffix = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";  // RFC 6455 section 1.3
constexpr std::size_t key_size = 16;
constexpr std::size_t key_text_size = 24;

std::string base64(ByteView bytes) {
  std::string text(4 * ((bytes.size() + 2) / 3) + 1, '\0');
  EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()), bytes.data(), static_cast<int>(bytes.size()));
  text.pop_back();
  return text;
}

bool is_upgrade_key(std::string_view text) {
  constexpr std::string_view letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  return text.size() == key_text_size && text.find_first_not_of(letters) == key_text_size - 2 && text.substr(key_text_size - 2) == "==";
}

/// One whole head through Beast's parser.
template <class Parser>
bool parse(Parser& parser, std::string_view head) {
  parser.header_limit(max_head_size);
  boost::beast::error_code error;
  const std::size_t used = parser.put(boost::asio::buffer(head.data(), head.size()), error);
  return !error && used == head.size() && parser.is_header_done();
}

template <class Fields>
std::string_view value_of(const Fields& fields, http::field name) {
  const auto value = fields[name];
  return {value.data(), value.size()};
}

template <class Fields>
bool lists(const Fields& fields, http::field name, std::string_view token) {
  return http::token_list(fields[name]).exists({token.data(), token.size()});
}

const char* phrase_of(unsigned status) {
  switch (status) {
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 426: return "Upgrade Required";
    case 431: return "Request Header Fields Too Large";
    default: return "Bad Request";
  }
}

}  // namespace

std::string new_upgrade_key(crypto::Random& random) {
  std::array<std::uint8_t, key_size> bytes{};
  random.fill(bytes);
  return base64(bytes);
}

Result<std::string> accept_value(std::string_view key) {
  std::string text(key);
  text += accept_suffix;
  std::array<std::uint8_t, 20> digest{};
  if (EVP_Digest(text.data(), text.size(), digest.data(), nullptr, EVP_sha1(), nullptr) != 1) return Error{ErrorCode::internal, "no SHA-1"};
  return base64(digest);
}

std::string upgrade_request(std::string_view key) {
  std::string text = "GET ";
  text.append(upgrade_path).append(" HTTP/1.1\r\nHost: relay\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: ").append(key);
  text.append("\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: ").append(subprotocol).append("\r\n\r\n");
  return text;
}

std::string upgrade_answer(std::string_view accept) {
  std::string text = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ";
  text.append(accept).append("\r\nSec-WebSocket-Protocol: ").append(subprotocol).append("\r\n\r\n");
  return text;
}

std::string refusal_answer(const Refusal& refusal) {
  std::string text = "HTTP/1.1 " + std::to_string(refusal.status) + " " + phrase_of(refusal.status) + "\r\nConnection: close\r\nContent-Length: 0\r\n";
  if (refusal.status == 426) text.append("Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: ").append(subprotocol).append("\r\n");
  return text + "\r\n";
}

std::size_t HeadReader::take(ByteView bytes) {
  constexpr std::string_view end = "\r\n\r\n";
  const std::size_t size = std::min(bytes.size(), max_head_size - text_.size());
  const std::size_t before = text_.size();
  text_.append(reinterpret_cast<const char*>(bytes.data()), size);
  const std::size_t found = text_.find(end, before < end.size() ? 0 : before - end.size());
  if (found == std::string::npos) return size;
  complete_ = true;
  text_.resize(found + end.size());
  return text_.size() - before;
}

RequestVerdict read_upgrade_request(std::string_view head) {
  http::request_parser<http::empty_body> parser;
  if (!parse(parser, head)) return {{}, {400}};
  const auto& request = parser.get();
  if (request.version() != 11 || parser.chunked() || parser.content_length().value_or(0) > 0) return {{}, {400}};
  if (request.method() != http::verb::get) return {{}, {405}};
  if (std::string_view(request.target().data(), request.target().size()) != upgrade_path) return {{}, {404}};
  const bool asks = lists(request, http::field::connection, "upgrade") && lists(request, http::field::upgrade, "websocket");
  const bool ours = value_of(request, http::field::sec_websocket_version) == "13" && lists(request, http::field::sec_websocket_protocol, subprotocol);
  if (!asks || !ours) return {{}, {426}};
  const std::string_view key = value_of(request, http::field::sec_websocket_key);
  if (!is_upgrade_key(key) || request.count(http::field::sec_websocket_key) != 1) return {{}, {400}};
  return {std::string(key), {}};
}

Result<void> read_upgrade_answer(std::string_view head, std::string_view key) {
  http::response_parser<http::empty_body> parser;
  parser.skip(true);  // whatever it announces: nothing behind the head is read as its body
  if (!parse(parser, head)) return Error{ErrorCode::connection_lost, "what answers is no relay"};
  const auto& answer = parser.get();
  if (answer.result_int() == 426) return Error{ErrorCode::version_mismatch, "the relay speaks another version of the protocol"};
  if (answer.result_int() == 503) return Error{ErrorCode::refused, "the relay takes no more connections"};
  CONCLAVE_ASSIGN(accept, accept_value(key));
  const bool agreed = answer.result_int() == 101 && lists(answer, http::field::upgrade, "websocket") &&
                      lists(answer, http::field::connection, "upgrade") && value_of(answer, http::field::sec_websocket_accept) == accept &&
                      value_of(answer, http::field::sec_websocket_protocol) == subprotocol && answer.count(http::field::sec_websocket_extensions) == 0;
  if (!agreed) return Error{ErrorCode::connection_lost, "what answers is no relay"};
  return {};
}

}  // namespace conclave::transport::websocket
