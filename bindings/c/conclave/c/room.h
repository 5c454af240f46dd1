/* Roles, rights and the floor, in calls and in sessions. Of conclave.h, which says what holds for all. */
#ifndef CONCLAVE_C_ROOM_H
#define CONCLAVE_C_ROOM_H
#include "conclave/c/results.h"
#ifdef __cplusplus
extern "C" {
#endif

enum { CONCLAVE_LISTENER = 1, CONCLAVE_SPEAKER = 2, CONCLAVE_MODERATOR = 3, CONCLAVE_OWNER = 4 };
enum { CONCLAVE_ROOM_OPEN = 1, CONCLAVE_ROOM_MODERATED = 2, CONCLAVE_ROOM_STAGE = 3 };  /* all may speak; all may write; an audience */
/* Of a speaker's frames: signed otherwise than stated to all, proven; not stated, which proves nothing, since others carry its messages. */
enum { CONCLAVE_FRAMES_EQUIVOCATED = 1, CONCLAVE_FRAMES_UNSTATED = 2 };
enum { CONCLAVE_RIGHT_SOUND = 1, CONCLAVE_RIGHT_PICTURE = 2, CONCLAVE_RIGHT_SCREEN = 4, CONCLAVE_RIGHT_CHAT = 8, CONCLAVE_RIGHT_ADMIT = 16,
       CONCLAVE_RIGHT_REMOVE = 32, CONCLAVE_RIGHT_GRANT = 64, CONCLAVE_RIGHT_LOCK = 128, CONCLAVE_RIGHT_END = 256 };
enum {
  CONCLAVE_COMMAND_CHAT = 1,       /* data: a text of 1 to 4,096 bytes */
  CONCLAVE_COMMAND_REACTION = 2,   /* value: 1 applause, 2 agree, 3 disagree, 4 heart, 5 laugh, 6 surprise */
  CONCLAVE_COMMAND_HAND = 3,       /* value: 1 asks for the floor, 0 no more */
  CONCLAVE_COMMAND_ROLE = 4,       /* member, value: its role. An owner hands a room over by making somebody else owner */
  CONCLAVE_COMMAND_GIVE = 5,       /* member, value: rights beyond its role's, or back what was taken */
  CONCLAVE_COMMAND_TAKE = 6,       /* member, value: rights; without that of SOUND it is mute: nobody opens its sound from the next epoch on */
  CONCLAVE_COMMAND_REMOVE = 7,     /* member */
  CONCLAVE_COMMAND_BAN = 8,        /* member: removed for good, its identity and its invitation */
  CONCLAVE_COMMAND_LOCK = 9,       /* value: 1 lets nobody in any more, 0 again */
  CONCLAVE_COMMAND_MODE = 10,      /* value: CONCLAVE_ROOM_... */
  CONCLAVE_COMMAND_END = 11,       /* for all */
  CONCLAVE_COMMAND_ENTRY = 12,     /* value: 1 whoever is admitted, 2 of those who has a personal invitation */
  CONCLAVE_COMMAND_SIGNING = 13,   /* value: of frames: 0 none, 1 each, 2 sound in batches (conclave_opener_next) */
  CONCLAVE_COMMAND_HEIRS = 14,     /* data: in a call members, uint32_t each, in a session SHA-256 of identity keys; value: how many of them replace leaders at any time; in a call, not 0 unless nobody is named */
  CONCLAVE_COMMAND_INHERIT = 15,   /* as an heir, when nobody leads any more */
  CONCLAVE_COMMAND_ENDORSE = 16,   /* member: the heir who is to become owner */
  CONCLAVE_COMMAND_REVOKE = 17,    /* in a call value: the number of EVENT_INVITATION, in a session data: a personal invitation */
  CONCLAVE_COMMAND_INVITE = 18,    /* a call alone. data: the name of who is invited, once; value: for how many seconds, 0: a day */
  CONCLAVE_COMMAND_REMEMBER = 19   /* a call alone. member, for our own contacts: this key goes with this name from now on; value: 1 the safety code was compared */
};
typedef struct conclave_command { /* what is asked of a room */
  uint32_t struct_size, kind, member, value;
  const void* data;
  size_t size;
} conclave_command;
typedef struct conclave_room { /* what a room is */
  uint32_t struct_size, mode, entry, signing; /* as of the commands of these names */
  uint32_t locked, ended, max_members, banned; /* identities that were removed for good */
} conclave_room;
typedef struct conclave_member { /* who somebody is, as its credential and the room say */
  uint32_t struct_size, member, self, role; /* its number in the room; whether it is us */
  uint32_t verified, confirmed; /* the safety code was compared; in sessions alone: heard lately, and with the same history as ours */
  uint32_t identity_key_size, reserved;
  uint8_t identity_key[72];
  char name[264];               /* made inert, as all names and texts are: safe to show */
  /* since 1.2 */
  uint32_t rights, hand_raised; /* CONCLAVE_RIGHT_..., ored */
  char invited_as[264];         /* to whom the personal invitation was given by which it came, or empty */
  /* since 1.3 */
  char verified_by[264], certified_as[264]; /* the trusted organisation that certified this identity, or empty; under which name */
} conclave_member;

#ifdef __cplusplus
}
#endif
#endif
