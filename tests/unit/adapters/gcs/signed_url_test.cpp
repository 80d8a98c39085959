#include "adapters/gcs/signed_url.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "adapters/gcs/encoding.hpp"
#include "test_key.hpp"

namespace izpo::gcs {
namespace {

struct Vector {
  std::string_view name;
  std::string_view method;
  std::string_view bucket;
  std::string_view object;
  std::vector<std::pair<std::string, std::string>> query;
  std::string_view from;
  int lifetime;
  std::string_view query_before_signature;  // what stands in the link beside the five of V4
  std::string_view signature;
};

// From Google's storage/v1/v4_signatures.json (googleapis/conformance-tests), those without more headers.
const std::vector<Vector> kVectors{
    {"Simple GET",
     "GET",
     "test-bucket",
     "test-object",
     {},
     "2019-02-01T09:00:00Z",
     10,
     "",
     "95e6a13d43a1d1962e667f17397f2b80ac9bdd1669210d5e08e0135df9dff4e56113485dbe429ca2266487b9d1796ebdee2d7cf"
     "682a6ef3bb9fbb4c351686fba90d7b621cf1c4eb1fdf126460dd25fa0837dfdde0a9fd98662ce60844c458448fb2b352c203d99"
     "69cb74efa4bdb742287744a4f2308afa4af0e0773f55e32e92973619249214b97283b2daa14195244444e33f938138d1e5f5610"
     "88ce8011f4986dda33a556412594db7c12fc40e1ff3f1bedeb7a42f5bcda0b9567f17f65855f65071fabb88ea12371877f3f77f"
     "10e1466fff6ff6973b74a933322ff0949ce357e20abe96c3dd5cfab42c9c83e740a4d32b9e11e146f0eb3404d2e975896f74"},
    {"Simple PUT",
     "PUT",
     "test-bucket",
     "test-object",
     {},
     "2019-02-01T09:00:00Z",
     10,
     "",
     "8adff1d4285739e31aa68e73767a46bc5511fde377497dbe08481bf5ceb34e29cc9a59921748d8ec3dd4085b7e9b7772a952afe"
     "dfcdaecb3ae8352275b8b7c867f204e3db85076220a3127a8a9589302fc1181eae13b9b7fe41109ec8cdc93c1e8bac2d7a0cc32"
     "a109ca02d06957211326563ab3d3e678a0ba296e298b5fc5e14593c99d444c94724cc4be97015dbff1dca377b508fa0cb716919"
     "5de98d0e4ac96c42b918d28c8d92d33e1bd125ce0fb3cd7ad2c45dae65c22628378f6584971b8bf3945b26f2611eb651e9b6a86"
     "48970c1ecf386bb71327b082e7296c4e1ee2fc0bdd8983da80af375c817fb1ad491d0bc22c0f51dba0d66e2cffbc90803e47"},
    {"Vary expiration and timestamp",
     "GET",
     "test-bucket",
     "test-object",
     {},
     "2019-03-01T09:00:00Z",
     20,
     "",
     "9669ed5b10664dc594c758296580662912cf4bcc5a4ba0b6bf055bcbf6f34eed7bdad664f534962174a924741a0c273a4f67bc1"
     "847cef20192a6beab44223bd9d4fbbd749c407b79997598c30f82ddc269ff47ec09fa3afe74e00616d438df0d96a7d8ad0adacf"
     "ad1dc3286f864d924fe919fb0dce45d3d975c5afe8e13af2db9cc37ba77835f92f7669b61e94c6d562196c1274529e76cfff156"
     "4cc2cad7d5387dc8e12f7a5dfd925685fe92c30b43709eee29fa2f66067472cee5423d1a3a4182fe8cea75c9329d181dc6acad7"
     "c393cd04f8bf5bc0515127d8ebd65d80c08e19ad03316053ea60033fd1b1fd85a69c576415da3bf0a3718d9ea6d03e0d66f0"},
    {"Vary bucket and object",
     "GET",
     "test-bucket2",
     "test-object2",
     {},
     "2019-02-01T09:00:00Z",
     10,
     "",
     "36e3d58dfd3ec1d2dd2f24b5ee372a71e811ffaa2162a2b871d26728d0354270bc116face87127532969c4a3967ed05b7309af7"
     "41e19c7202f3167aa8c2ac420b61417d6451442bb91d7c822cd17be8783f01e05372769c88913561d27e6660dd8259f0081a71f"
     "831be6c50283626cbf04494ac10c394b29bb3bce74ab91548f58a37118a452693cf0483d77561fc9cac8f1765d2c724994cca46"
     "a83517a10157ee0347a233a2aaeae6e6ab5e204ff8fc5f54f90a3efdb8301d9fff5475d58cd05b181affd657f48203f4fb133c3"
     "a3d355b8eefbd10d5a0a5fd70d06e9515460ad74e22334b2cba4b29cae4f6f285cdb92d8f3126d7a1479ca3bdb69c207d860"},
    {"Query Parameter Encoding",
     "GET",
     "test-bucket",
     "test-object",
     {{"soufflé", "=%-_.~"}},
     "2019-02-01T09:00:00Z",
     10,
     "&souffl%C3%A9=%3D%25-_.~",
     "38dd9ca622b80bca10f405e7d9ba0f0fbea719ca84d66078a484c5b54b1ce98e3fa8a0d2065216ed6ac03179be69312dabf428f"
     "8171b95994bdafe465a6f7893bacc7213a7bf4054ce2d78d4b60c34df24cc43e509ad7c81be47148d43a0e67d50d8fe38c85b0c"
     "63f9a51149b4f3335315946fef8ab34315ce3f6ce01f1831abb3eda5e7e211823855ed1767c65a8c7aeec357de096e3406897ac"
     "fe092fead51bbea7df83e25a6180f80c8a0871e4901c370f77f5675f2405be7ccd55fd6dd22a87cf0adfafdb3f6fa99974fcf6c"
     "947b62294eebd7954e546c28f5490a6c50694c0e4882fcfe0d4a4ae8891a92579d6099a9b4c84d9f033a3b339163b6670b7e"},
    {"Query Parameter Ordering",
     "GET",
     "test-bucket",
     "test-object",
     {{"prefix", "/foo"}, {"X-Goog-Meta-Foo", "bar"}},
     "2019-02-01T09:00:00Z",
     10,
     "&prefix=%2Ffoo",
     "a07745e1b3d59b85cbe11aa766df72c22468959e7217615dccb7f030234f66b60b37e480f30725ed51f29816362ca8286c619eb"
     "b66448ff1d370be2a4a48aacf20d3d2d6200ed17341a5791baf2ee5cd9c2823adacc6264f66c8a54fa887e1bce3c55cf78fb2f6"
     "a52618cf09d6f945f63d148052a7b66a75e075ff5065828a806b84bdc49a42399be7483225c720d5e18a6160f79d815f433e792"
     "1694fe1d041099851793c2581db0e5ca503cfb566e414f900ceede5f9b22030edd32ab20b6f7f9fb2afba89098b9364e03397c0"
     "3a94eac3a140c99979b8786844fb4f6c62c1985378939dd1bbaea8e41b9100dda85a27733171cc78d96ee362ea2c3432f4d8"},
};

ServiceAccount account() {
  return ServiceAccount::parse(testing::kTestAccount).value();
}

TEST(SignedUrl, IsAsGoogleSignsIt) {
  for (const Vector& vector : kVectors) {
    const std::string url = signed_url(account(), {.method = std::string(vector.method),
                                                   .bucket = std::string(vector.bucket),
                                                   .object = std::string(vector.object),
                                                   .query = vector.query,
                                                   .from = parse_time(vector.from).value(),
                                                   .lifetime = std::chrono::seconds(vector.lifetime)});
    EXPECT_TRUE(url.starts_with("https://storage.googleapis.com/" + std::string(vector.bucket) + "/" +
                                std::string(vector.object) + "?X-Goog-Algorithm=GOOG4-RSA-SHA256&"))
        << url;
    EXPECT_TRUE(url.ends_with("X-Goog-SignedHeaders=host" + std::string(vector.query_before_signature) +
                              "&X-Goog-Signature=" + std::string(vector.signature)))
        << vector.name << "\n"
        << url;
  }
}

TEST(SignedUrl, LeavesTheSlashesOfAName) {
  const std::string url = signed_url(account(), {.endpoint = "http://127.0.0.1:9023",
                                                 .bucket = "b",
                                                 .object = "2025/09/23/amper&sand.ext",
                                                 .query = {},
                                                 .from = from_micros(0),
                                                 .lifetime = std::chrono::seconds(1)});
  EXPECT_TRUE(url.starts_with("http://127.0.0.1:9023/b/2025/09/23/amper%26sand.ext?X-Goog-")) << url;
  EXPECT_NE(url.find("&X-Goog-Date=19700101T000000Z&X-Goog-Expires=1&"), std::string::npos) << url;
}

}  // namespace
}  // namespace izpo::gcs
