#include "app/settings.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

namespace izpo::app {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

using Environment = std::map<std::string, std::string>;

SettingSources sources(Environment environment, std::optional<std::string> dotenv = std::nullopt) {
  SettingSources made;
  made.environment = [environment](const std::string& name) -> std::optional<std::string> {
    const auto found = environment.find(name);
    if (found == environment.end()) return std::nullopt;
    return found->second;
  };
  made.dotenv = std::move(dotenv);
  return made;
}

Settings settings_of(const SettingSources& from) {
  auto loaded = load_settings(from);
  EXPECT_TRUE(loaded) << loaded.error();
  return loaded ? loaded->settings : Settings{};
}

std::string problem_of(const SettingSources& from) {
  const auto loaded = load_settings(from);
  return loaded ? "no problem" : loaded.error();
}

const std::string kGoodKey(32, 'k');

TEST(Settings, HaveDefaults) {
  const Settings settings = settings_of(sources({}));
  EXPECT_EQ(settings.host, "127.0.0.1");
  EXPECT_EQ(settings.port, 8000);
  EXPECT_EQ(settings.data_dir, "data");
  EXPECT_EQ(settings.database_path(), "data/izpochat.db");
  EXPECT_EQ(settings.algorithm, "HS256");
  EXPECT_EQ(settings.access_token_lifetime, std::chrono::minutes(30));
  EXPECT_EQ(settings.refresh_token_lifetime, std::chrono::days(30));
  EXPECT_THAT(settings.allowed_origins, ElementsAre("*"));
  EXPECT_EQ(settings.secret_key, std::nullopt);
  EXPECT_EQ(settings.public_url, std::nullopt);
  EXPECT_FALSE(settings.debug);
  EXPECT_TRUE(settings.access_log);
}

TEST(Settings, EachOneHasASentenceAndReadsItsOwnDefault) {
  for (const Setting& setting : setting_definitions()) {
    EXPECT_TRUE(setting.sentence.ends_with('.')) << setting.name;
    EXPECT_FALSE(setting.expected.empty()) << setting.name;
    Settings into;
    if (!setting.initial.empty()) EXPECT_TRUE(setting.read(setting.initial, into)) << setting.name;
  }
}

TEST(Settings, CommandLineBeatsEnvironmentBeatsDotenv) {
  SettingSources from =
      sources({{"PORT", "2"}, {"APP_NAME", "de fuera"}}, "PORT=1\nAPP_NAME=de dentro\nDEBUG=true\n");
  from.command_line["PORT"] = "3";
  const Settings settings = settings_of(from);
  EXPECT_EQ(settings.port, 3);
  EXPECT_EQ(settings.app_name, "de fuera");
  EXPECT_TRUE(settings.debug);
}

TEST(Settings, AnEmptyValueCountsAsNone) {
  const Settings settings = settings_of(sources({{"PORT", ""}, {"SECRET_KEY", " "}}, "PORT=9\n"));
  EXPECT_EQ(settings.port, 9);
  EXPECT_EQ(settings.secret_key, std::nullopt);
}

struct Wrong {
  std::string name;
  std::string value;
  std::string line;
};

class WrongSetting : public testing::TestWithParam<Wrong> {};

TEST_P(WrongSetting, IsNamedInOneLine) {
  const auto& [name, value, line] = GetParam();
  EXPECT_EQ(problem_of(sources({{name, value}})), line);
}

constexpr const char* kPortRange = "expected a whole number from 0 to 65535";
constexpr const char* kOrigins = "expected a JSON array or comma list of origins, or *";
constexpr const char* kDatabase =
    "expected sqlite:///path, sqlite:////absolute/path or postgresql://USER:PASSWORD@HOST/DATABASE";
constexpr const char* kKey = "expected at least 32 bytes, as `openssl rand -hex 32` prints";

INSTANTIATE_TEST_SUITE_P(
    Table, WrongSetting,
    testing::Values(
        Wrong{"PORT", "ocho",
              fmt::format("PORT=\"ocho\" in the environment: is not a whole number; {}", kPortRange)},
        Wrong{"PORT", "65536",
              fmt::format("PORT=\"65536\" in the environment: is above 65535; {}", kPortRange)},
        Wrong{"PORT", "-1", fmt::format("PORT=\"-1\" in the environment: is below 0; {}", kPortRange)},
        Wrong{
            "PORT", "99999999999999999999",
            fmt::format("PORT=\"99999999999999999999\" in the environment: is above 65535; {}", kPortRange)},
        Wrong{"PORT", "8000.0",
              fmt::format("PORT=\"8000.0\" in the environment: is not a whole number; {}", kPortRange)},
        Wrong{"HOST", "chat.example.org",
              "HOST=\"chat.example.org\" in the environment: is not an IP address; expected an IP address or "
              "localhost"},
        Wrong{"DEBUG", "maybe",
              "DEBUG=\"maybe\" in the environment: is neither yes nor no; expected true or false"},
        Wrong{"ALGORITHM", "none",
              "ALGORITHM=\"none\" in the environment: is none of the choices; expected one of HS256, HS384, "
              "HS512"},
        Wrong{"ALGORITHM", "a\nb",
              "ALGORITHM=\"a?b\" in the environment: is none of the choices; expected one of HS256, HS384, "
              "HS512"},
        Wrong{"APP_NAME", "\xff", "APP_NAME=\"\xff\" in the environment: is not UTF-8; expected text"},
        Wrong{"APP_NAME", "a\nb",
              "APP_NAME=\"a?b\" in the environment: has a control character; expected text"},
        Wrong{"ACCESS_TOKEN_EXPIRE_MINUTES", "0",
              "ACCESS_TOKEN_EXPIRE_MINUTES=\"0\" in the environment: is below 1; expected a whole number "
              "from 1 to 527040"},
        Wrong{"PUBLIC_URL", "chat.example.org",
              "PUBLIC_URL=\"chat.example.org\" in the environment: is not an address that starts with "
              "http:// or https://; "
              "expected an address like https://chat.example.org"},
        Wrong{"PUBLIC_URL", "https://chat.example.org/?a=b",
              "PUBLIC_URL=\"https://chat.example.org/?a=b\" in the environment: has more than scheme, host, "
              "port and path; "
              "expected an address like https://chat.example.org"},
        Wrong{"ALLOWED_ORIGINS", "[\"http://a.example\"",
              fmt::format("ALLOWED_ORIGINS=\"[\"http://a.example\"\" in the environment: begins like a JSON "
                          "array and is none; {}",
                          kOrigins)},
        Wrong{"ALLOWED_ORIGINS", "[1]",
              fmt::format(
                  "ALLOWED_ORIGINS=\"[1]\" in the environment: has a JSON entry that is not a string; {}",
                  kOrigins)},
        Wrong{"ALLOWED_ORIGINS", "a.example",
              fmt::format("ALLOWED_ORIGINS=\"a.example\" in the environment: has an entry that is not an "
                          "origin like https://chat.example.org; {}",
                          kOrigins)},
        Wrong{"ALLOWED_ORIGINS", "https://a.example/chat",
              fmt::format("ALLOWED_ORIGINS=\"https://a.example/chat\" in the environment: has an origin with "
                          "more than scheme, host and port; {}",
                          kOrigins)},
        Wrong{"DATABASE_URL", "postgresql://ana:clave@[::1/chat",
              fmt::format(
                  "DATABASE_URL in the environment: cannot be read as an address of PostgreSQL (end of "
                  "string reached when looking for matching … in IPv6 host address in URI: …); in user and "
                  "password write @ : / ? # % as %40 %3A %2F %3F %23 %25; {}",
                  kDatabase)},
        Wrong{"DATABASE_URL", "mysql://db.example/chat",
              fmt::format("DATABASE_URL in the environment: is not a database that this version knows; {}",
                          kDatabase)},
        Wrong{"DATABASE_URL", "sqlite:///:memory:",
              fmt::format(
                  "DATABASE_URL in the environment: names no file, and nothing would outlive the process; {}",
                  kDatabase)},
        Wrong{"SECRET_KEY", "corta",
              fmt::format("SECRET_KEY in the environment: has only 5 bytes; {}", kKey)},
        Wrong{"SECRET_KEY", "clave_super_segura_para_produccion",
              fmt::format("SECRET_KEY in the environment: is a published example, with which anybody can "
                          "make tokens; {}",
                          kKey)},
        Wrong{"SECRET_KEY", "tu_secret_key_muy_seguro_cambia_esto_por_algo_unico",
              fmt::format("SECRET_KEY in the environment: is a published example, with which anybody can "
                          "make tokens; {}",
                          kKey)}));

TEST(Settings, AWeakKeyPassesOnlyForDebuggingOnLoopback) {
  const auto with = [](std::string debug, std::string host) {
    return problem_of(
        sources({{"SECRET_KEY", "corta"}, {"DEBUG", std::move(debug)}, {"HOST", std::move(host)}}));
  };
  EXPECT_EQ(with("true", "127.0.0.1"), "no problem");
  EXPECT_EQ(with("true", "::1"), "no problem");
  EXPECT_EQ(with("true", "localhost"), "no problem");
  EXPECT_THAT(with("true", "0.0.0.0"), HasSubstr("SECRET_KEY"));
  EXPECT_THAT(with("true", "::"), HasSubstr("SECRET_KEY"));
  EXPECT_THAT(with("false", "127.0.0.1"), HasSubstr("SECRET_KEY"));
}

TEST(Settings, AProblemNeverShowsASecret) {
  EXPECT_THAT(problem_of(sources({}, "SECRET_KEY=hunter2\n")), Not(HasSubstr("hunter2")));
  EXPECT_THAT(problem_of(sources({{"DATABASE_URL", "postgres://ana:hunter2@db.example/chat"}})),
              AllOf(HasSubstr("SECRET_KEY"), Not(HasSubstr("hunter2"))));
  EXPECT_THAT(problem_of(sources({{"DATABASE_URL", "postgres://ana:hunter2%zz@db.example/chat"}})),
              AllOf(HasSubstr("DATABASE_URL"), Not(HasSubstr("hunter2"))));
  EXPECT_THAT(problem_of(sources({{"SECRET_KEY", "hunter2\n" + kGoodKey}})), Not(HasSubstr("hunter2")));
}

TEST(Settings, AProblemSaysWhereTheValueStands) {
  SettingSources from = sources({}, "PORT=x\n");
  EXPECT_THAT(problem_of(from), HasSubstr("PORT=\"x\" in .env: "));
  from.command_line["PORT"] = "y";
  EXPECT_THAT(problem_of(from), HasSubstr("PORT=\"y\" on the command line: "));
}

TEST(Settings, OriginsComeAsJsonCommaListOrStar) {
  const auto origins = [](std::string text) {
    return settings_of(sources({{"ALLOWED_ORIGINS", std::move(text)}})).allowed_origins;
  };
  EXPECT_THAT(origins(R"(["http://a.example", "https://B.example:8443/"])"),
              ElementsAre("http://a.example", "https://b.example:8443"));
  EXPECT_THAT(origins("http://a.example , http://localhost:3000,"),
              ElementsAre("http://a.example", "http://localhost:3000"));
  EXPECT_THAT(origins("capacitor://localhost"), ElementsAre("capacitor://localhost"));
  EXPECT_THAT(origins("*"), ElementsAre("*"));
  EXPECT_THAT(origins(R"(["http://a.example","*"])"), ElementsAre("*"));
  EXPECT_THAT(origins("[]"), ElementsAre());
}

TEST(Settings, DatabaseUrlIsReadAsSqlalchemyDoes) {
  const auto path = [](std::string text) {
    return settings_of(sources({{"DATABASE_URL", std::move(text)}})).database_path();
  };
  EXPECT_EQ(path("sqlite:///chat.db"), "chat.db");
  EXPECT_EQ(path("sqlite:///./sub/chat.db"), "./sub/chat.db");
  EXPECT_EQ(path("sqlite:////var/lib/chat.db"), "/var/lib/chat.db");
}

TEST(Settings, PostgresWantsAKeyThatServersShare) {
  const std::string url = "postgresql+psycopg2://ana:clave@db.example/chat";
  EXPECT_EQ(
      problem_of(sources({{"DATABASE_URL", url}})),
      fmt::format("SECRET_KEY is unset: must be set with PostgreSQL, the same on every server; {}", kKey));
  const Settings settings = settings_of(sources({{"DATABASE_URL", url}, {"SECRET_KEY", kGoodKey}}));
  EXPECT_TRUE(settings.uses_postgres());
  EXPECT_EQ(settings.database->postgres, url);
  EXPECT_EQ(settings.database_connections, 4U);
  EXPECT_FALSE(settings_of(sources({{"DATABASE_URL", "sqlite:///chat.db"}})).uses_postgres());
}

TEST(Settings, AddressesAndLinksAreWrittenOneWay) {
  EXPECT_EQ(settings_of(sources({{"HOST", "[::1]"}})).host, "::1");
  EXPECT_EQ(settings_of(sources({{"HOST", "LOCALHOST"}})).host, "127.0.0.1");
  EXPECT_EQ(settings_of(sources({{"PUBLIC_URL", "https://chat.example.org/team//"}})).public_url,
            "https://chat.example.org/team");
}

TEST(Settings, WarnOfWhatIsIgnored) {
  const auto loaded =
      load_settings(sources({}, "SECRET_KYE=x\nA B=1\nGCS_BUCKET_NAME=files\nPORT=1\nOTHER=2\n"));
  ASSERT_TRUE(loaded);
  EXPECT_THAT(loaded->warnings,
              ElementsAre(".env: line 2 cannot be read and is ignored",
                          ".env: not a setting of this server, ignored: SECRET_KYE, OTHER"));
}

TEST(Settings, ABucketIsNamedAsGoogleNamesThem) {
  const Settings settings = settings_of(
      sources({{"GCS_BUCKET_NAME", "mi-sala_1.example.org"}, {"STORAGE_EMULATOR_HOST", "localhost:9"}}));
  EXPECT_EQ(settings.gcs_bucket_name, "mi-sala_1.example.org");
  EXPECT_EQ(settings.old_bucket_url(), "https://storage.googleapis.com/mi-sala_1.example.org/");
  EXPECT_EQ(settings.gcs_endpoint, "https://storage.googleapis.com");
  EXPECT_EQ(settings.storage_emulator_host, "http://localhost:9");
  EXPECT_EQ(settings_of(sources({{"STORAGE_EMULATOR_HOST", "http://emulator:9/"}})).storage_emulator_host,
            "http://emulator:9");
  EXPECT_EQ(settings_of(sources({})).old_bucket_url(), "");
  for (const char* bad : {"gs://files", "Files", "fi", "files/", "-files", "files-", "fi les"})
    EXPECT_FALSE(load_settings(sources({{"GCS_BUCKET_NAME", bad}}))) << bad;
}

}  // namespace
}  // namespace izpo::app
