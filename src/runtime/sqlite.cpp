#include "runtime/sqlite.h"

#include <sqlite3.h>

#include <utility>

#include "base/bytes.h"

namespace conclave::runtime {
namespace {

bool bind(sqlite3_stmt* statement, int place, const SqliteValue& value) {
  if (const auto* number = std::get_if<std::uint64_t>(&value)) {
    return sqlite3_bind_int64(statement, place, static_cast<sqlite3_int64>(*number)) == SQLITE_OK;
  }
  const ByteView bytes = std::get<ByteView>(value);
  if (bytes.empty()) return sqlite3_bind_zeroblob(statement, place, 0) == SQLITE_OK;
  return sqlite3_bind_blob64(statement, place, bytes.data(), bytes.size(), SQLITE_STATIC) == SQLITE_OK;
}

}  // namespace

std::uint64_t SqliteRow::number(int column) const { return static_cast<std::uint64_t>(sqlite3_column_int64(statement_, column)); }

Bytes SqliteRow::bytes(int column) const {
  const auto* data = static_cast<const std::uint8_t*>(sqlite3_column_blob(statement_, column));
  const int size = sqlite3_column_bytes(statement_, column);
  return data == nullptr ? Bytes() : Bytes(data, data + size);
}

void Sqlite::Close::operator()(sqlite3* database) const { sqlite3_close_v2(database); }
void Sqlite::Finalize::operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }

Result<std::unique_ptr<Sqlite>> Sqlite::open(const std::string& path) {
  sqlite3* raw = nullptr;
  const int code = sqlite3_open_v2(path.c_str(), &raw, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, nullptr);
  std::unique_ptr<Sqlite> made(new Sqlite(raw));
  if (raw == nullptr) return Error{ErrorCode::out_of_resources, "no memory for a database"};
  if (code != SQLITE_OK) return made->error();
  sqlite3_extended_result_codes(raw, 1);
  sqlite3_limit(raw, SQLITE_LIMIT_ATTACHED, 0);
  sqlite3_db_config(raw, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(raw, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  return made;
}

Error Sqlite::error() const {
  const int code = sqlite3_errcode(database_.get()) & 0xff;
  const bool damaged = code == SQLITE_CORRUPT || code == SQLITE_NOTADB || code == SQLITE_FORMAT;
  return {damaged ? ErrorCode::damaged_state : ErrorCode::io_error, std::string("SQLite: ") + sqlite3_errmsg(database_.get())};
}

Result<sqlite3_stmt*> Sqlite::prepared(const char* statement) {
  Statement& kept = statements_[statement];
  if (!kept) {
    sqlite3_stmt* raw = nullptr;
    if (sqlite3_prepare_v3(database_.get(), statement, -1, SQLITE_PREPARE_PERSISTENT, &raw, nullptr) != SQLITE_OK) return error();
    kept.reset(raw);
  }
  return kept.get();
}

Result<void> Sqlite::run(const char* statement, std::initializer_list<SqliteValue> values, const std::function<bool(const SqliteRow&)>& row) {
  CONCLAVE_ASSIGN(prepared_statement, prepared(statement));
  int place = 0;
  for (const SqliteValue& value : values) {
    if (!bind(prepared_statement, ++place, value)) return error();
  }
  int code = SQLITE_ROW;
  while ((code = sqlite3_step(prepared_statement)) == SQLITE_ROW) {
    if (row && !row(SqliteRow(prepared_statement))) break;
  }
  Result<void> result;
  if (code != SQLITE_DONE && code != SQLITE_ROW) result = error();
  sqlite3_reset(prepared_statement);
  sqlite3_clear_bindings(prepared_statement);
  return result;
}

}  // namespace conclave::runtime
