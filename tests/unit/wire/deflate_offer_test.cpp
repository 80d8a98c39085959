#include "wire/deflate_offer.hpp"

#include <gtest/gtest.h>

#include <string>

namespace izpo::wire {
namespace {

const std::string kAgreed = "permessage-deflate; server_no_context_takeover; client_no_context_takeover";

// RFC 7692 §7.1, and the offers of browsers.
TEST(DeflateOffer, IsTakenWithoutContextInBothDirections) {
  for (const auto* offer : {
           "permessage-deflate",
           "permessage-deflate; client_max_window_bits",
           "permessage-deflate; client_max_window_bits=8",
           "permessage-deflate; client_max_window_bits=15",
           "permessage-deflate; server_no_context_takeover; client_no_context_takeover",
           "permessage-deflate;client_no_context_takeover",
           " permessage-deflate ; client_max_window_bits = \"1\\0\" ",
       }) {
    EXPECT_EQ(accept_deflate(offer), kAgreed) << offer;
  }
}

TEST(DeflateOffer, IsToldTheWindowItAskedFor) {
  for (const auto* offer : {"permessage-deflate; server_max_window_bits=15",
                            "permessage-deflate; server_max_window_bits=\"15\"; client_max_window_bits"}) {
    EXPECT_EQ(accept_deflate(offer), kAgreed + "; server_max_window_bits=15") << offer;
  }
}

// The compressed frame is shared, so it cannot be made with another window for one socket.
TEST(DeflateOffer, WithASmallerServerWindowIsDeclined) {
  for (int bits = 8; bits < 15; ++bits) {
    EXPECT_EQ(accept_deflate("permessage-deflate; server_max_window_bits=" + std::to_string(bits)),
              std::nullopt);
  }
}

// §7.1: a server must decline each of these.
TEST(DeflateOffer, WithWrongParametersIsDeclined) {
  for (const auto* offer : {
           "permessage-deflate; server_no_context_takeover=1",
           "permessage-deflate; client_no_context_takeover=true",
           "permessage-deflate; server_max_window_bits",
           "permessage-deflate; server_max_window_bits=16",
           "permessage-deflate; server_max_window_bits=015",
           "permessage-deflate; client_max_window_bits=7",
           "permessage-deflate; client_max_window_bits=16",
           "permessage-deflate; client_max_window_bits=08",
           "permessage-deflate; client_max_window_bits=-1",
           "permessage-deflate; client_max_window_bits=abc",
           "permessage-deflate; something_else",
           "permessage-deflate; client_no_context_takeover; client_no_context_takeover",
           "permessage-deflate; client_max_window_bits=10; client_max_window_bits=12",
       }) {
    EXPECT_EQ(accept_deflate(offer), std::nullopt) << offer;
  }
}

TEST(DeflateOffer, TheFirstThatCanBeKeptIsTaken) {
  EXPECT_EQ(accept_deflate("permessage-deflate; server_max_window_bits=10, permessage-deflate"), kAgreed);
  EXPECT_EQ(
      accept_deflate("x-webkit-deflate-frame, , permessage-deflate; something_else,permessage-deflate,"),
      kAgreed);
  EXPECT_EQ(accept_deflate("other; quoted=\"value\", permessage-deflate; server_max_window_bits=15,"
                           "permessage-deflate"),
            kAgreed + "; server_max_window_bits=15");
}

TEST(DeflateOffer, OtherExtensionsAreNotKnown) {
  for (const auto* offers :
       {"", ",", " ", "permessage-bzip2", "permessage-deflate2; client_max_window_bits"}) {
    EXPECT_EQ(accept_deflate(offers), std::nullopt) << offers;
  }
}

TEST(DeflateOffer, AMalformedFieldIsDeclinedAsAWhole) {
  for (const auto* offers : {
           "permessage-deflate;",
           "permessage-deflate; =15",
           "permessage-deflate; client_max_window_bits=",
           "permessage-deflate; client_max_window_bits=\"\"",
           "permessage-deflate; client_max_window_bits=\"15",
           "permessage-deflate; client_max_window_bits=\"15\\",
           "permessage-deflate; client_max_window_bits=\"1 5\"",
           "permessage-deflate client_max_window_bits",
           "permessage-deflate, ;",
           "permessage-deflate, (comment)",
           "permessage-deflate; client_max_window_bits=15=15",
           "permessage-deflate, \xF1",
       }) {
    EXPECT_EQ(accept_deflate(offers), std::nullopt) << offers;
  }
}

}  // namespace
}  // namespace izpo::wire
