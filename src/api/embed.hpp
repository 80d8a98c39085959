#pragma once

// The bytes of a file between two symbols: an array of as many numbers would take the compiler minutes.
// `path` is a literal. The build has to name the file in OBJECT_DEPENDS.
// NOLINTBEGIN(cppcoreguidelines-macro-usage,bugprone-macro-parentheses): made of names and literals
#define IZPO_EMBED(symbol, path)       \
  asm(".pushsection .rodata\n" #symbol \
      ":\n"                            \
      ".incbin \"" path "\"\n" #symbol \
      "_end:\n"                        \
      ".popsection\n");                \
  extern "C" const char symbol[];      \
  extern "C" const char symbol##_end[]
// NOLINTEND(cppcoreguidelines-macro-usage,bugprone-macro-parentheses)
