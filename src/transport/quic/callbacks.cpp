// From the library's function pointers to the connection.
#include "transport/quic/connection.h"

namespace conclave::transport::quic {

struct Callbacks {
  static Connection& self(void* user_data) { return *static_cast<Connection*>(user_data); }
  static int answer(bool good) { return good ? 0 : NGTCP2_ERR_CALLBACK_FAILURE; }

  static void fill_random(std::uint8_t* out, std::size_t size, const ngtcp2_rand_ctx* context) {
    static_cast<crypto::Random*>(context->native_handle)->fill({out, size});
    if (size == 1) out[0] &= keep_quic_bit;
  }
  static int path_challenge_data(ngtcp2_conn*, std::uint8_t* data, void* user_data) {
    self(user_data).random_.fill({data, NGTCP2_PATH_CHALLENGE_DATALEN});
    return 0;
  }
  static int handshake_completed(ngtcp2_conn*, void* user_data) { return answer(self(user_data).on_handshake_completed()); }
  static int stream_data(ngtcp2_conn*, std::uint32_t flags, std::int64_t stream, std::uint64_t, const std::uint8_t* data,
                         std::size_t size, void* user_data, void*) {
    const bool last = (flags & NGTCP2_STREAM_DATA_FLAG_FIN) != 0;
    return answer(self(user_data).on_stream_data(stream, {data, size}, last));
  }
  static int stream_acked(ngtcp2_conn*, std::int64_t stream, std::uint64_t offset, std::uint64_t size, void* user_data, void*) {
    self(user_data).on_acked(stream, offset + size);
    return 0;
  }
  static int stream_reset(ngtcp2_conn*, std::int64_t, std::uint64_t, std::uint64_t, void* user_data, void*) {
    return answer(self(user_data).violate(ErrorCode::malformed, "a channel was reset"));
  }
  static int stop_sending(ngtcp2_conn*, std::int64_t, std::uint64_t, void* user_data, void*) {
    return answer(self(user_data).violate(ErrorCode::malformed, "a channel was refused"));
  }
  static int new_id(ngtcp2_conn*, ngtcp2_cid* id, std::uint8_t* token, std::size_t size, void* user_data) {
    return answer(self(user_data).on_new_id(id, token, size));
  }
  static int retired_id(ngtcp2_conn*, const ngtcp2_cid* id, void* user_data) {
    self(user_data).on_retired_id(id);
    return 0;
  }
  static int path_validated(ngtcp2_conn*, std::uint32_t, const ngtcp2_path* path, ngtcp2_path_validation_result result,
                            void* user_data) {
    if (result == NGTCP2_PATH_VALIDATION_RESULT_SUCCESS) self(user_data).on_path_validated(path);
    return 0;
  }
  /// The type of the level differs between versions of the library.
  template <class Level>
  static int crypto_data(ngtcp2_conn* conn, Level level, std::uint64_t offset, const std::uint8_t* data, std::size_t size, void* user_data) {
    if (!self(user_data).tls_) return NGTCP2_ERR_CRYPTO;  // nothing is said in TLS after the handshake
    return ngtcp2_crypto_recv_crypto_data_cb(conn, level, offset, data, size, user_data);
  }
  static int stateless_reset(ngtcp2_conn*, const ngtcp2_pkt_stateless_reset*, void* user_data) {
    self(user_data).reset_ = true;
    return 0;
  }
};

ngtcp2_callbacks callbacks(bool server) {
  ngtcp2_callbacks table{};
  if (server) {
    table.recv_client_initial = ngtcp2_crypto_recv_client_initial_cb;
  } else {
    table.client_initial = ngtcp2_crypto_client_initial_cb;
    table.recv_retry = ngtcp2_crypto_recv_retry_cb;
  }
  table.recv_crypto_data = Callbacks::crypto_data;
  table.encrypt = ngtcp2_crypto_encrypt_cb;
  table.decrypt = ngtcp2_crypto_decrypt_cb;
  table.hp_mask = ngtcp2_crypto_hp_mask_cb;
  table.update_key = ngtcp2_crypto_update_key_cb;
  table.delete_crypto_aead_ctx = ngtcp2_crypto_delete_crypto_aead_ctx_cb;
  table.delete_crypto_cipher_ctx = ngtcp2_crypto_delete_crypto_cipher_ctx_cb;
  table.version_negotiation = ngtcp2_crypto_version_negotiation_cb;
  table.get_path_challenge_data = Callbacks::path_challenge_data;
  table.rand = Callbacks::fill_random;
  table.handshake_completed = Callbacks::handshake_completed;
  table.recv_stream_data = Callbacks::stream_data;
  table.acked_stream_data_offset = Callbacks::stream_acked;
  table.stream_reset = Callbacks::stream_reset;
  table.stream_stop_sending = Callbacks::stop_sending;
  table.get_new_connection_id = Callbacks::new_id;
  table.remove_connection_id = Callbacks::retired_id;
  table.path_validation = Callbacks::path_validated;
  table.recv_stateless_reset = Callbacks::stateless_reset;
  return table;
}

}  // namespace conclave::transport::quic
