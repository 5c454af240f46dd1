// Gives the precompiled header a source to be compiled for.
