// The 256 words of safety codes: common, concrete, and hard to mistake for one another when read aloud.
#pragma once

#include <array>
#include <string_view>

namespace conclave::room {

inline constexpr std::array<std::string_view, 256> safety_words{
    "acid", "acorn", "actor", "agent", "alarm", "album", "amber", "anchor", "angle", "apple", "apron", "arena",
    "armor", "arrow", "atlas", "attic", "autumn", "bacon", "badge", "baker", "balcony", "ballet", "bamboo", "banjo",
    "barrel", "basil", "basket", "beacon", "beaver", "bench", "berry", "bicycle", "bishop", "blanket", "blossom",
    "bottle", "branch", "bread", "bridge", "bronze", "broom", "bucket", "buffalo", "butter", "button", "cabin",
    "cactus", "camel", "camera", "canal", "candle", "canoe", "canyon", "carbon", "carpet", "castle", "cellar",
    "chalk", "cherry", "chimney", "circus", "citrus", "clover", "cobalt", "coffee", "comet", "copper", "coral",
    "cotton", "cradle", "crater", "cricket", "crystal", "curtain", "dagger", "daisy", "delta", "desert", "diamond",
    "dinner", "doctor", "dolphin", "donkey", "dragon", "drummer", "eagle", "easel", "eclipse", "elbow", "elephant",
    "ember", "engine", "envelope", "falcon", "feather", "fender", "ferry", "fiddle", "finger", "flamingo", "flute",
    "forest", "fossil", "fountain", "galaxy", "garden", "garlic", "geyser", "ginger", "giraffe", "glacier",
    "goblet", "gorilla", "granite", "grape", "guitar", "hammer", "harbor", "harvest", "helmet", "heron", "hockey",
    "honey", "hotel", "iceberg", "igloo", "indigo", "island", "ivory", "jacket", "jaguar", "jasmine", "jelly",
    "jewel", "jigsaw", "jungle", "kayak", "kettle", "kitten", "koala", "ladder", "lagoon", "lantern", "lemon",
    "leopard", "lettuce", "library", "lizard", "lobster", "locket", "magnet", "mango", "maple", "marble", "market",
    "meadow", "melon", "mirror", "monkey", "mosaic", "mountain", "muffin", "museum", "napkin", "nectar", "needle",
    "nickel", "noodle", "nutmeg", "oasis", "ocean", "olive", "onion", "opera", "orange", "orchid", "otter",
    "oxygen", "paddle", "palace", "panda", "papaya", "parade", "parrot", "peanut", "pebble", "pelican", "pencil",
    "pepper", "piano", "pigeon", "pilot", "pirate", "planet", "pocket", "potato", "prism", "pumpkin", "puzzle",
    "pyramid", "quarry", "quartz", "rabbit", "raccoon", "radio", "rainbow", "raven", "ribbon", "river", "rocket",
    "saddle", "saffron", "salmon", "sandal", "satin", "saturn", "scarf", "shadow", "sherbet", "shovel", "signal",
    "silver", "sparrow", "spider", "spoon", "statue", "sugar", "summit", "sunset", "teapot", "temple", "thunder",
    "ticket", "tiger", "timber", "tomato", "trumpet", "tulip", "tunnel", "turtle", "umbrella", "valley", "vanilla",
    "velvet", "violin", "volcano", "waffle", "walnut", "whistle", "willow", "window", "winter", "wizard", "yogurt",
    "zebra", "zipper",
};

}  // namespace conclave::room
