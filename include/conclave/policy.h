// What the policy of a room is made of: modes, roles and rights.
#pragma once

#include <cstdint>

namespace conclave {

/// What kind of meeting a room is.
enum class RoomMode : std::uint8_t {
  open = 1,       ///< peers: whoever is in may speak
  moderated = 2,  ///< a class: moderators decide who speaks, all may write
  stage = 3,      ///< a public meeting: an audience that cannot speak or write by itself, and signed frames
};

/// Who somebody is in a room. Each role has the rights of those before it.
enum class Role : std::uint8_t { listener = 1, speaker = 2, moderator = 3, owner = 4 };

/// What somebody may do. The values are bits of `Rights`.
enum class Right : std::uint16_t {
  publish_audio = 1,
  publish_video = 2,
  publish_screen = 4,
  chat = 8,
  admit = 16,
  remove = 32,
  grant = 64,
  lock = 128,
  end = 256,
};

/// A set of rights.
class Rights {
 public:
  constexpr Rights() = default;
  constexpr explicit Rights(std::uint16_t bits) : bits_(bits) {}  ///< of bits of `Right`
  constexpr Rights(Right right) : bits_(static_cast<std::uint16_t>(right)) {}  ///< of one

  [[nodiscard]] constexpr std::uint16_t bits() const { return bits_; }  ///< of `Right`
  [[nodiscard]] constexpr bool has(Right right) const { return (bits_ & static_cast<std::uint16_t>(right)) != 0; }  ///< whether this one is among them
  [[nodiscard]] constexpr bool covers(Rights others) const { return (others.bits_ & ~bits_) == 0; }  ///< whether all of them are
  [[nodiscard]] constexpr Rights without(Rights others) const { return Rights(static_cast<std::uint16_t>(bits_ & ~others.bits_)); }  ///< these, but for those
  friend constexpr Rights operator|(Rights a, Rights b) { return Rights(static_cast<std::uint16_t>(a.bits_ | b.bits_)); }
  friend constexpr Rights operator&(Rights a, Rights b) { return Rights(static_cast<std::uint16_t>(a.bits_ & b.bits_)); }
  friend constexpr bool operator==(Rights, Rights) = default;

 private:
  std::uint16_t bits_ = 0;
};

constexpr Rights operator|(Right a, Right b) { return Rights(a) | Rights(b); }

inline constexpr Rights publishing_rights = Right::publish_audio | Right::publish_video | Right::publish_screen;
inline constexpr Rights all_rights{511};

/// Who may be admitted.
enum class Entry : std::uint8_t {
  knock = 1,    ///< whom a member with the right admits
  invited = 2,  ///< of those, only who holds a personal invitation
};

/// How media frames are signed by their sender.
enum class FrameSigning : std::uint8_t {
  none = 0,       ///< sealed alone: whoever is in the room could forge them, together with the relay
  per_frame = 1,  ///< 64 bytes a frame, no delay
  batched = 2,    ///< several frames of sound under one signature; pictures as with `per_frame`
};

}  // namespace conclave
