#include "carrier.h"

#include "structs.h"

namespace conclave::c {
namespace {

class Carrier final : public DatagramCarrier {
 public:
  Carrier(const conclave_carrier& table, Debt owed) : table_(table), owed_(std::move(owed)) {}
  ~Carrier() override {
    if (owed_->load() && table_.closed != nullptr) table_.closed(table_.user);
  }
  void send(ByteView datagram) override { table_.send(table_.user, datagram.data(), datagram.size()); }

 private:
  conclave_carrier table_;
  Debt owed_;
};

}  // namespace

Result<std::unique_ptr<DatagramCarrier>> carrier_of(const conclave_carrier* given, Debt owed) {
  if (given == nullptr) return std::unique_ptr<DatagramCarrier>();
  CONCLAVE_C_ASSIGN(table, read_struct(given));
  if (table.send == nullptr) return invalid("the carrier cannot send");
  return std::unique_ptr<DatagramCarrier>(std::make_unique<Carrier>(table, std::move(owed)));
}

}  // namespace conclave::c
