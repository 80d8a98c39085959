#include "adapters/gcs/service_account.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "support/temporary_directory.hpp"
#include "test_key.hpp"

namespace izpo::gcs {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

std::string problem(std::string_view json) {
  const auto account = ServiceAccount::parse(json);
  return account ? "none" : account.error();
}

TEST(ServiceAccount, IsReadFromItsFile) {
  const testing::TemporaryDirectory directory;
  const std::string path = directory.path() / "key.json";
  std::ofstream(path) << testing::kTestAccount;
  const auto account = ServiceAccount::read(path);
  ASSERT_TRUE(account) << account.error();
  EXPECT_EQ(account->email(), "test-iam-credentials@dummy-project-id.iam.gserviceaccount.com");
  EXPECT_EQ(account->key_id(), std::string(40, 'f'));
  EXPECT_EQ(account->token_uri(), "https://oauth2.googleapis.com/token");
  EXPECT_EQ(account->sign("a").size(), 256U);
  EXPECT_EQ(account->sign("a"), account->sign("a"));
  EXPECT_NE(account->sign("a"), account->sign("b"));
}

TEST(ServiceAccount, SaysWhatIsWrongWithAFile) {
  const testing::TemporaryDirectory directory;
  EXPECT_THAT(ServiceAccount::read(directory.path() / "none").error(), HasSubstr("No such file"));
  std::ofstream(directory.path() / "empty").close();
  EXPECT_THAT(ServiceAccount::read(directory.path() / "empty").error(), HasSubstr("is empty"));
  EXPECT_THAT(ServiceAccount::read(directory.path()).error(), HasSubstr("cannot be read"));
}

TEST(ServiceAccount, SaysWhatIsWrongWithAKeyAndNothingOfIt) {
  EXPECT_THAT(problem("{"), HasSubstr("is not JSON"));
  EXPECT_THAT(problem("[]"), HasSubstr("is not JSON"));
  EXPECT_THAT(problem("{}"), HasSubstr("not a service account's key"));
  EXPECT_THAT(problem(R"({"type": "authorized_user", "refresh_token": "secreto"})"),
              AllOf(HasSubstr("a person's login"), Not(HasSubstr("secreto"))));
  EXPECT_THAT(problem(R"({"type": "service_account", "private_key": "secreto"})"), HasSubstr("client_email"));
  EXPECT_THAT(problem(R"({"type": "service_account", "client_email": "a@b", "private_key": "secreto"})"),
              AllOf(HasSubstr("\"private_key\" that is none"), Not(HasSubstr("secreto"))));
  EXPECT_THAT(problem(R"({"type": "service_account", "client_email": "a@b"})"), HasSubstr("private_key"));
}

}  // namespace
}  // namespace izpo::gcs
