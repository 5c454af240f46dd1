// One SQLite database for one thread.
#pragma once

#include <functional>
#include <initializer_list>
#include <map>
#include <memory>
#include <string>
#include <variant>

#include "base/result.h"
#include "conclave/bytes.h"

struct sqlite3;
struct sqlite3_stmt;

namespace conclave::runtime {

/// What stands for a `?` of a statement. Views are used during the call alone.
using SqliteValue = std::variant<std::uint64_t, ByteView>;

/// A row of an answer; columns count from 0.
class SqliteRow {
 public:
  explicit SqliteRow(sqlite3_stmt* statement) : statement_(statement) {}
  [[nodiscard]] std::uint64_t number(int column) const;
  [[nodiscard]] Bytes bytes(int column) const;

 private:
  sqlite3_stmt* statement_;
};

/// An open file. Errors carry SQLite's words, which name no value.
class Sqlite {
 public:
  static Result<std::unique_ptr<Sqlite>> open(const std::string& path);

  /// Runs one statement, kept prepared by its address; `row` sees each row and may stop with false.
  Result<void> run(const char* statement, std::initializer_list<SqliteValue> values = {},
                   const std::function<bool(const SqliteRow&)>& row = nullptr);

 private:
  struct Close {
    void operator()(sqlite3* database) const;
  };
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const;
  };
  using Statement = std::unique_ptr<sqlite3_stmt, Finalize>;

  explicit Sqlite(sqlite3* database) : database_(database) {}
  Result<sqlite3_stmt*> prepared(const char* statement);
  [[nodiscard]] Error error() const;

  std::unique_ptr<sqlite3, Close> database_;
  std::map<const char*, Statement> statements_;  ///< before the database in destruction
};

}  // namespace conclave::runtime
