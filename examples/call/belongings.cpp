#include "belongings.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iostream>

#include "conclave/identity_file.h"
#include "conclave/organisation.h"
#include "passphrase.h"
#include "terminal.h"

namespace conclave::call {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view sealed_mark = "CLVcntct";
constexpr std::uintmax_t max_file = std::uintmax_t{8} << 20;

std::string named_file(const std::string& file) { return "\"" + terminal_text(file) + "\""; }

Failure unusable(const std::string& sentence) { return {ExitCode::identity_unusable, sentence}; }

Result<Bytes> read_whole(const std::string& file) {
  std::ifstream in(file, std::ios::binary | std::ios::ate);
  const auto size = in ? static_cast<std::streamoff>(in.tellg()) : -1;
  if (size < 0 || static_cast<std::uintmax_t>(size) > max_file) return Error{ErrorCode::io_error, named_file(file) + " cannot be read"};
  Bytes bytes(static_cast<std::size_t>(size));
  in.seekg(0);
  in.read(reinterpret_cast<char*>(bytes.data()), size);
  if (!in) return Error{ErrorCode::io_error, named_file(file) + " cannot be read"};
  return bytes;
}

bool write_all(int descriptor, ByteView bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(descriptor, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
  return ::fsync(descriptor) == 0;
}

/// What was done to a folder outlives a power failure.
bool sync_folder_of(const std::string& file) {
  const fs::path folder = fs::path(file).parent_path();
  const int descriptor = ::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return false;
  const bool done = ::fsync(descriptor) == 0;
  ::close(descriptor);
  return done;
}

/// In a new file beside it first, under a name that nobody could prepare, then in its place: a crash leaves the one or the other. Files of others stay, whatever
/// they are called. `fresh`: never over a file that has come meanwhile.
Result<void> write_whole(const std::string& file, ByteView bytes, bool fresh) {
  std::string beside = file + ".new.XXXXXX";
  const int descriptor = ::mkostemp(beside.data(), O_CLOEXEC);  // O_EXCL, and readable by us alone
  bool kept = descriptor >= 0 && write_all(descriptor, bytes);
  if (descriptor >= 0) ::close(descriptor);
  if (kept && fresh) kept = ::link(beside.c_str(), file.c_str()) == 0;
  else if (kept) kept = ::rename(beside.c_str(), file.c_str()) == 0;
  if (descriptor >= 0 && (fresh || !kept)) ::unlink(beside.c_str());
  kept = kept && sync_folder_of(file);
  return kept ? Result<void>() : Error{ErrorCode::io_error, named_file(file) + " cannot be written"};
}

Result<Passphrase> given_passphrase(const Options& options, std::string_view question) {
  if (options.passphrase_descriptor >= 0) return passphrase_from(options.passphrase_descriptor);
  return options.passphrase_file.empty() ? ask_passphrase(question) : passphrase_in(options.passphrase_file);
}

bool asked(const Options& options) { return options.passphrase_file.empty() && options.passphrase_descriptor < 0; }

Failure make_identity(Options& options) {
  auto passphrase = given_passphrase(options, "A passphrase for the new identity in " + named_file(options.identity_file) + ": ");
  if (!passphrase.ok()) return unusable(passphrase.error().detail);
  if (asked(options)) {
    const auto again = ask_passphrase("The same again: ");
    if (!again.ok()) return unusable(again.error().detail);
    if (!again->same_as(*passphrase)) return unusable("the two passphrases are not the same: nothing was written");
  }
  auto identity = Identity::generate();
  const auto sealed = identity.ok() ? seal_identity(*identity, passphrase->bytes()) : Result<Bytes>(identity.error());
  if (!sealed.ok()) return unusable("the identity cannot be made: " + sealed.error().detail);
  const auto written = write_whole(options.identity_file, *sealed, true);
  if (!written.ok()) return unusable("the identity " + written.error().detail);
  options.identity = std::make_shared<const Identity>(std::move(*identity));
  return {};
}

Failure open_identity_file(Options& options) {
  const auto bytes = read_whole(options.identity_file);
  if (!bytes.ok()) return unusable("the identity " + bytes.error().detail);
  const auto passphrase = given_passphrase(options, "Passphrase of " + named_file(options.identity_file) + ": ");
  if (!passphrase.ok()) return unusable(passphrase.error().detail);
  auto identity = open_identity(*bytes, passphrase->bytes());
  if (identity.ok()) {
    options.identity = std::make_shared<const Identity>(std::move(*identity));
    return {};
  }
  switch (identity.error().code) {
    case ErrorCode::malformed: return unusable(named_file(options.identity_file) + " is no identity file, or a damaged one");
    case ErrorCode::unsupported: return unusable(named_file(options.identity_file) + " is an identity file of another version");
    case ErrorCode::not_authentic: return unusable("the passphrase is wrong, or the identity file is damaged");
    default: return unusable("the identity cannot be opened: " + identity.error().detail);
  }
}

/// Whether a file is to be made: only when there is none, not when we may not look.
Result<bool> missing(const std::string& file) {
  std::error_code failed;
  const auto kind = fs::symlink_status(file, failed).type();
  if (kind == fs::file_type::not_found) return true;
  if (kind == fs::file_type::none) return Error{ErrorCode::io_error, named_file(file) + " cannot be read: " + failed.message()};
  return false;
}

Failure no_contacts(const Options& options, const Error& error) {
  const bool version = error.code == ErrorCode::unsupported;
  return unusable(named_file(options.contacts_file) + (version ? " holds contacts of another version" : " holds no contacts, or damaged ones"));
}

Failure open_sealed_contacts(Options& options, ByteView bytes) {
  if (!options.identity) return unusable(named_file(options.contacts_file) + " is sealed: it goes with the --identity under which it was made");
  auto book = open_contacts(bytes, *options.identity);
  if (!book.ok() && book.error().code == ErrorCode::not_authentic) return unusable(named_file(options.contacts_file) + " is another identity's, or damaged");
  if (!book.ok()) return no_contacts(options, book.error());
  options.contacts = std::move(*book);
  return {};
}

/// With an identity only what is sealed under it counts: who can write the file could put an unsealed one in its place, in which strangers are verified.
Failure take_contacts(Options& options) {
  options.contacts.emplace();
  const auto none = missing(options.contacts_file);
  if (!none.ok()) return unusable("the contacts " + none.error().detail);
  if (*none) {
    const auto writable = keep_contacts(options, *options.contacts);  // rather now than after the call
    return writable.ok() ? Failure{} : unusable(writable.error().detail);
  }
  const auto bytes = read_whole(options.contacts_file);
  if (!bytes.ok()) return unusable("the contacts " + bytes.error().detail);
  const bool sealed = bytes->size() > sealed_mark.size() && std::equal(sealed_mark.begin(), sealed_mark.end(), bytes->begin());
  if (sealed) return open_sealed_contacts(options, *bytes);
  auto book = ContactBook::parse(*bytes);
  if (!book.ok()) return no_contacts(options, book.error());
  if (options.identity && !options.seal_contacts) {
    return unusable(named_file(options.contacts_file) + " is not sealed, so that anybody who can write there may have put it in the place of yours; if it is yours, from before there was "
                    "an --identity, say --seal-contacts once");
  }
  options.contacts = std::move(*book);
  if (!options.identity) return {};
  const auto kept = keep_contacts(options, *options.contacts);
  return kept.ok() ? Failure{} : unusable(kept.error().detail);
}

/// Text that is wiped when it goes: it may be a private key.
struct WipedText {
  explicit WipedText(const Bytes& bytes) : text(bytes.begin(), bytes.end()) {}
  WipedText(const WipedText&) = delete;
  WipedText& operator=(const WipedText&) = delete;
  ~WipedText() { ::explicit_bzero(text.data(), text.size()); }
  std::string text;
};

Failure certify(Options& options) {
  const auto chain = read_whole(options.organisation_chain);
  if (!chain.ok()) return unusable("the certificates " + chain.error().detail);
  auto key = read_whole(options.organisation_key);
  if (!key.ok()) return unusable("the private key " + key.error().detail);
  const WipedText secret(*key);
  ::explicit_bzero(key->data(), key->size());
  auto proof = certify_identity(*options.identity, std::string(chain->begin(), chain->end()), secret.text);
  if (!proof.ok()) return unusable("the certificates of --organisation-chain cannot be used: " + proof.error().detail);
  options.organisation = std::move(*proof);
  return {};
}

Failure trust(Options& options) {
  for (const std::string& file : options.trust) {
    const auto roots = read_whole(file);
    if (!roots.ok()) return unusable("the root certificates " + roots.error().detail);
    auto organisation = trust_organisation(std::string(roots->begin(), roots->end()));
    if (!organisation.ok()) return unusable(named_file(file) + " names no organisation: " + organisation.error().detail);
    options.trusted.push_back(std::move(*organisation));
  }
  return {};
}

}  // namespace

Failure take_belongings(Options& options) {
  Failure failure;
  if (!options.identity_file.empty()) {
    const auto none = missing(options.identity_file);
    if (!none.ok()) return unusable("the identity " + none.error().detail);
    failure = *none ? make_identity(options) : open_identity_file(options);
  }
  if (failure.code == ExitCode::ok && !options.organisation_chain.empty()) failure = certify(options);
  if (failure.code == ExitCode::ok) failure = trust(options);
  if (failure.code == ExitCode::ok && !options.contacts_file.empty()) failure = take_contacts(options);
  return failure;
}

Result<void> keep_contacts(const Options& options, const ContactBook& contacts) {
  const auto bytes = options.identity ? seal_contacts(contacts, *options.identity) : Result<Bytes>(contacts.serialise());
  if (!bytes.ok()) return bytes.error();
  auto written = write_whole(options.contacts_file, *bytes, false);
  if (!written.ok()) return Error{ErrorCode::io_error, "the contacts " + written.error().detail};
  return written;
}

}  // namespace conclave::call
