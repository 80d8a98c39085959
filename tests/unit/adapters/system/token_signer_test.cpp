#include "adapters/system/token_signer.hpp"

#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "domain/reasons.hpp"

namespace izpo::system {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view kSecret = "a-key-of-this-test-alone-0123456789abcdef";
constexpr Timestamp kNow = from_micros(1'790'000'000'000'000);
constexpr std::string_view kHeader = R"({"alg":"HS256","typ":"JWT"})";
constexpr std::string_view kPayload =
    R"({"sub":"42","sid":7,"typ":"access","iat":1790000000,"exp":1790001800})";

std::string base64url(std::string_view bytes) {
  std::string text(4 * ((bytes.size() + 2) / 3) + 1, '\0');
  text.resize(static_cast<std::size_t>(EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()),
                                                       reinterpret_cast<const unsigned char*>(bytes.data()),
                                                       static_cast<int>(bytes.size()))));
  for (char& c : text) c = c == '+' ? '-' : c == '/' ? '_' : c;
  return text.substr(0, text.find('='));
}

// A token as anybody can make one (RFC 7515 §3.1).
std::string forge(std::string_view header, std::string_view payload, std::string_view key = kSecret,
                  const EVP_MD* digest = EVP_sha256()) {
  const std::string input = base64url(header) + '.' + base64url(payload);
  std::array<unsigned char, EVP_MAX_MD_SIZE> mac{};
  unsigned int length = 0;
  HMAC(digest, key.data(), static_cast<int>(key.size()), reinterpret_cast<const unsigned char*>(input.data()),
       input.size(), mac.data(), &length);
  return input + '.' + base64url({reinterpret_cast<const char*>(mac.data()), length});
}

JwtSigner signer(std::string_view algorithm = "HS256") {
  return {std::string(kSecret), algorithm};
}

AccessClaims claims() {
  return {UserId(42), SessionId(7), kNow, kNow + 30min};
}

Reason refusal(std::string_view token, Timestamp now = kNow) {
  const auto verified = signer().verify(token, now);
  EXPECT_FALSE(verified) << token;
  return verified ? Reason{} : verified.error().reason;
}

TEST(JwtSigner, VerifiesWhatItSigned) {
  for (std::string_view algorithm : {"HS256", "HS384", "HS512"}) {
    auto ours = signer(algorithm);
    const auto verified = ours.verify(ours.sign(claims()), kNow);
    ASSERT_TRUE(verified) << algorithm;
    EXPECT_EQ(verified->user, UserId(42));
    EXPECT_EQ(verified->session, SessionId(7));
    EXPECT_EQ(verified->issued_at, kNow);
    EXPECT_EQ(verified->expires_at, kNow + 30min);
  }
}

TEST(JwtSigner, ReadsATokenThatIsNotItsOwnWork) {
  ASSERT_TRUE(signer().verify(forge(kHeader, kPayload), kNow))
      << "what the other tests vary is good by itself";
}

TEST(JwtSigner, SignsTwoTokensOfOneMomentApart) {
  auto ours = signer();
  EXPECT_NE(ours.sign(claims()), ours.sign(claims()));
}

TEST(JwtSigner, KnowsItsAlgorithms) {
  for (std::string_view good : {"HS256", "HS384", "HS512"}) EXPECT_TRUE(JwtSigner::supports(good));
  for (std::string_view bad : {"none", "None", "", "hs256", "RS256", "ES256", "HS1"}) {
    EXPECT_FALSE(JwtSigner::supports(bad)) << bad;
    EXPECT_THROW(signer(bad), std::invalid_argument) << bad;
  }
}

TEST(JwtSigner, TakesNoAlgorithmButItsOwn) {
  const std::string none = base64url(R"({"alg":"none","typ":"JWT"})") + '.' + base64url(kPayload) + '.';
  EXPECT_EQ(refusal(none), reason::kInvalidToken);
  EXPECT_EQ(refusal(none.substr(0, none.size() - 1)), reason::kInvalidToken);
  EXPECT_EQ(refusal(forge(R"({"alg":"none","typ":"JWT"})", kPayload)), reason::kInvalidToken);
  EXPECT_EQ(refusal(forge(R"({"alg":"None"})", kPayload)), reason::kInvalidToken);
  EXPECT_EQ(refusal(forge(R"({"typ":"JWT"})", kPayload)), reason::kInvalidToken);
  // Signed with our key, but by another algorithm than the one that was chosen.
  EXPECT_EQ(refusal(forge(R"({"alg":"HS384"})", kPayload, kSecret, EVP_sha384())), reason::kInvalidToken);
  EXPECT_EQ(refusal(forge(R"({"alg":"HS512"})", kPayload, kSecret, EVP_sha512())), reason::kInvalidToken);
  EXPECT_EQ(refusal(forge(R"({"alg":"RS256"})", kPayload)), reason::kInvalidToken);
  EXPECT_EQ(refusal(forge(R"({"alg":"ES256"})", kPayload)), reason::kInvalidToken);
  EXPECT_EQ(refusal(signer("HS512").sign(claims())), reason::kInvalidToken);
}

TEST(JwtSigner, TakesNoOtherKeyAndNoOtherWords) {
  EXPECT_EQ(refusal(forge(kHeader, kPayload, "another-key-of-this-test-0123456789abcdef")),
            reason::kInvalidToken);
  EXPECT_EQ(refusal(forge(kHeader, kPayload, "")), reason::kInvalidToken);

  const std::string good = forge(kHeader, kPayload);
  const std::string other =
      forge(kHeader, R"({"sub":"43","sid":7,"typ":"access","iat":1790000000,"exp":1790001800})");
  const auto signature = good.rfind('.');
  EXPECT_EQ(refusal(other.substr(0, other.rfind('.')) + good.substr(signature)), reason::kInvalidToken);
  EXPECT_EQ(refusal(good.substr(0, signature)), reason::kInvalidToken);
  EXPECT_EQ(refusal(good.substr(0, signature + 1)), reason::kInvalidToken);
  EXPECT_EQ(refusal(good + ".x"), reason::kInvalidToken);
  // Every position but the last: its low bits may be padding.
  for (std::size_t at = 0; at + 1 < good.size(); ++at) {
    std::string tampered = good;
    tampered[at] = tampered[at] == 'A' ? 'B' : 'A';
    EXPECT_EQ(refusal(tampered), reason::kInvalidToken) << at;
  }
}

TEST(JwtSigner, TakesNoGarbage) {
  const std::string with_nul = forge(kHeader, kPayload) + '\0' + "x";
  for (const std::string& token :
       {std::string(), std::string("."), std::string(".."), std::string("a.b.c"),
        std::string("\xFF\xFE.\xFF.\xFF"), with_nul, base64url("[]") + "." + base64url("[]") + ".",
        forge(kHeader, "not json"), forge(kHeader, "[]"), forge("{", kPayload), std::string(4000, '.'),
        std::string(kMaxTokenBytes + 1, 'a'), forge(kHeader, kPayload) + std::string(1'000'000, 'A')}) {
    EXPECT_EQ(refusal(token), reason::kInvalidToken) << token.substr(0, 80);
  }
}

TEST(JwtSigner, WantsEveryClaimAndItsType) {
  const std::vector<std::string_view> payloads = {
      R"({})",
      R"({"sid":7,"typ":"access","iat":1790000000,"exp":1790001800})",
      R"({"sub":42,"sid":7,"typ":"access","iat":1790000000,"exp":1790001800})",
      R"({"sub":"","sid":7,"typ":"access","iat":1790000000,"exp":1790001800})",
      R"({"sub":"ana","sid":7,"typ":"access","iat":1790000000,"exp":1790001800})",
      R"({"sub":"42x","sid":7,"typ":"access","iat":1790000000,"exp":1790001800})",
      R"({"sub":" 42","sid":7,"typ":"access","iat":1790000000,"exp":1790001800})",
      R"({"sub":"+42","sid":7,"typ":"access","iat":1790000000,"exp":1790001800})",
      R"({"sub":"0","sid":7,"typ":"access","iat":1790000000,"exp":1790001800})",
      R"({"sub":"-42","sid":7,"typ":"access","iat":1790000000,"exp":1790001800})",
      R"({"sub":"99999999999999999999999999999","sid":7,"typ":"access","iat":1790000000,"exp":1790001800})",
      R"({"sub":"42","typ":"access","iat":1790000000,"exp":1790001800})",
      R"({"sub":"42","sid":"7","typ":"access","iat":1790000000,"exp":1790001800})",
      R"({"sub":"42","sid":-7,"typ":"access","iat":1790000000,"exp":1790001800})",
      R"({"sub":"42","sid":7,"iat":1790000000,"exp":1790001800})",
      R"({"sub":"42","sid":7,"typ":"refresh","iat":1790000000,"exp":1790001800})",
      R"({"sub":"42","sid":7,"typ":1,"iat":1790000000,"exp":1790001800})",
      R"({"sub":"42","sid":7,"typ":"access","exp":1790001800})",
      R"({"sub":"42","sid":7,"typ":"access","iat":true,"exp":1790001800})",
      R"({"sub":"42","sid":7,"typ":"access","iat":1790000000})",
      R"({"sub":"42","sid":7,"typ":"access","iat":1790000000,"exp":null})",
      R"({"sub":"42","sid":7,"typ":"access","iat":1790000000,"exp":"1790001800"})",
      R"({"sub":"42","sid":7,"typ":"access","iat":1790000000,"exp":1e18})",
      R"({"sub":"42","sid":7,"typ":"access","iat":1790000000,"exp":9223372036854775807})",
      R"({"sub":"42","sid":7,"typ":"access","iat":1790000000,"exp":99999999999999999999})",
  };
  for (std::string_view payload : payloads) {
    EXPECT_EQ(refusal(forge(kHeader, payload)), reason::kInvalidToken) << payload;
  }
}

TEST(JwtSigner, EndsATokenAtItsExpiry) {
  const std::string token = signer().sign(claims());
  EXPECT_TRUE(signer().verify(token, kNow + 30min - 1us));
  EXPECT_EQ(refusal(token, kNow + 30min), reason::kTokenExpired);
  EXPECT_EQ(refusal(token, kNow + 24h), reason::kTokenExpired);
}

TEST(JwtSigner, BearsAnIssuersClockThatIsALittleAhead) {
  const std::string token = signer().sign(claims());
  EXPECT_TRUE(signer().verify(token, kNow - kClockLeeway));
  EXPECT_EQ(refusal(token, kNow - kClockLeeway - 1us), reason::kInvalidToken);
}

}  // namespace
}  // namespace izpo::system
