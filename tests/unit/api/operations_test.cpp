#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <limits>
#include <string>
#include <vector>

#include "support/api_fixture.hpp"

// Every operation through the whole API: what it answers, to whom, in which shape.
namespace izpo::api {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::Reply;

class OperationsTest : public testing::ApiFixture {
 protected:
  static std::string code(const Reply& reply) {
    const auto* object = reply.json.if_object();
    return object != nullptr && object->contains("code") ? std::string(object->at("code").as_string()) : "";
  }

  // "401 invalid_credentials", or "200" alone.
  static std::string outcome(const Reply& reply) {
    const std::string why = code(reply);
    return std::to_string(reply.status) + (why.empty() ? "" : " " + why);
  }

  // Of the first field that is wrong: "body.name missing".
  static std::string fault(const Reply& reply) {
    const auto& first = reply.json.at("detail").at(0);
    std::string text;
    for (const auto& step : first.at("loc").as_array())
      text += (text.empty() ? "" : ".") + std::string(step.as_string());
    return text + " " + std::string(first.at("type").as_string());
  }

  static std::vector<std::string> names(const boost::json::value& objects, const char* field) {
    std::vector<std::string> found;
    for (const auto& object : objects.as_array()) found.emplace_back(object.at(field).as_string());
    return found;
  }

  static std::vector<std::string> keys(const boost::json::value& object) {
    std::vector<std::string> found;
    for (const auto& [key, value] : object.as_object()) found.emplace_back(key);
    return found;
  }

  std::string make_room(const std::string& owner, const std::string& body = R"({"name":"sala"})") {
    return "/api/rooms/" + std::to_string(post("/api/rooms", owner, body).json.at("id").as_int64());
  }

  std::int64_t id_of(const std::string& token) {
    return get("/api/users/me", token).json.at("id").as_int64();
  }
};

TEST_F(OperationsTest, AnAccountFromRegistrationToLogout) {
  const Reply made =
      post("/api/users/register", "",
           R"({"username":"ana","email":"ana@example.org","password":"correcto-caballo","is_admin":1})");
  EXPECT_EQ(made.status, 201);
  EXPECT_THAT(keys(made.json),
              ElementsAre("id", "username", "email", "full_name", "is_active", "created_at", "updated_at"));
  EXPECT_EQ(made.json.at("email"), "ana@example.org");
  EXPECT_TRUE(made.json.at("full_name").is_null());
  EXPECT_TRUE(made.json.at("updated_at").is_null());
  EXPECT_TRUE(made.json.at("created_at").as_string().ends_with("Z"));

  const Reply login =
      post("/api/users/login", "", R"({"username":"ana@example.org","password":"correcto-caballo"})");
  EXPECT_EQ(login.status, 200);
  EXPECT_THAT(keys(login.json), ElementsAre("access_token", "token_type", "refresh_token", "expires_in"));
  EXPECT_EQ(login.json.at("token_type"), "bearer");
  EXPECT_EQ(login.json.at("expires_in"), 1800);
  EXPECT_EQ(login.headers.find("Cache-Control"), "no-store");
  const std::string token(login.json.at("access_token").as_string());
  EXPECT_EQ(get("/api/users/me", token).json, made.json);

  const std::string refresh =
      R"({"refresh_token":)" + boost::json::serialize(login.json.at("refresh_token")) + "}";
  EXPECT_EQ(post("/api/users/refresh", "", refresh).status, 200);
  EXPECT_EQ(outcome(post("/api/users/refresh", "", refresh)), "401 invalid_refresh_token");
  ASSERT_TRUE(testing::run_task(sessions_->sweep()));
  EXPECT_EQ(outcome(get("/api/users/me", token)), "401 login_ended") << "a refresh token used twice";

  const std::string next = log_in("ana").value().access_token;
  EXPECT_EQ(post("/api/users/logout", next).json.at("message"), "You have logged out");
  EXPECT_EQ(outcome(post("/api/users/logout", next)), "401 login_ended");
}

TEST_F(OperationsTest, RefusedRegistrations) {
  newcomer("ana");
  const Reply email = post("/api/users/register", "",
                           R"({"username":"otra","email":"ANA@example.com","password":"correcto-caballo"})");
  EXPECT_EQ(outcome(email), "400 email_taken");
  EXPECT_EQ(email.json.at("detail"), "Email already registered");
  const Reply name = post("/api/users/register", "",
                          R"({"username":"ANA","email":"b@example.com","password":"correcto-caballo"})");
  EXPECT_EQ(outcome(name), "400 username_taken");
  EXPECT_EQ(name.json.at("detail"), "Username already taken");
  const Reply all =
      post("/api/users/register", "", R"({"username":"a","email":"b","password":"c","full_name":7})");
  EXPECT_EQ(outcome(all), "422 validation_error");
  EXPECT_EQ(all.json.at("detail").as_array().size(), 4U);
  EXPECT_EQ(fault(post("/api/users/register", "")), "body missing");
}

TEST_F(OperationsTest, RefusedLogins) {
  newcomer("ana");
  const auto attempt = [this](const char* body) { return outcome(post("/api/users/login", "", body)); };
  EXPECT_EQ(attempt(R"({"username":"ana","password":"x"})"), "401 invalid_credentials");
  EXPECT_EQ(attempt(R"({"username":"nadie","password":"x"})"), "401 invalid_credentials");
  EXPECT_EQ(attempt(R"({"username":"ana"})"), "422 validation_error");
  EXPECT_EQ(attempt("username=ana&password=x"), "422 validation_error");
  for (int more = 0; more < 2; ++more) attempt(R"({"username":"ana","password":"x"})");
  const Reply slowed = post("/api/users/login", "", R"({"username":"ana","password":"x"})");
  EXPECT_EQ(outcome(slowed), "429 too_many_login_attempts");
  EXPECT_TRUE(slowed.headers.find("Retry-After"));
}

TEST_F(OperationsTest, AProfileIsChangedByItsOwner) {
  const std::string ana = newcomer("ana");
  newcomer("bea");
  EXPECT_EQ(put("/api/users/me", ana, R"({"full_name":"Ana Inventada"})").json.at("full_name"),
            "Ana Inventada");
  const Reply unchanged = put("/api/users/me", ana, R"({"full_name":null,"username":null})");
  EXPECT_EQ(unchanged.json.at("full_name"), "Ana Inventada") << "null leaves it as it is";
  EXPECT_TRUE(put("/api/users/me", ana, R"({"full_name":" "})").json.at("full_name").is_null());
  EXPECT_EQ(outcome(put("/api/users/me", ana, R"({"username":"BEA"})")), "400 username_taken");
  EXPECT_EQ(outcome(put("/api/users/me", ana, R"({"email":"bea@example.com"})")), "400 email_taken");
  EXPECT_EQ(put("/api/users/me", ana, R"({"username":"ana.nueva"})").json.at("username"), "ana.nueva");
  EXPECT_EQ(get("/api/users/me", ana).json.at("username"), "ana.nueva")
      << "the token names the account, not the name";
}

TEST_F(OperationsTest, APasswordIsChangedWithTheOldOne) {
  const std::string ana = newcomer("ana");
  const std::string other_login = log_in("ana").value().access_token;
  EXPECT_EQ(outcome(put("/api/users/me/password", ana,
                        R"({"current_password":"x","new_password":"otra-frase-larga"})")),
            "400 wrong_current_password");
  EXPECT_EQ(fault(put("/api/users/me/password", ana,
                      R"({"current_password":"correcto-caballo","new_password":"c"})")),
            "body.new_password string_too_short");
  EXPECT_EQ(put("/api/users/me/password", ana,
                R"({"current_password":"correcto-caballo","new_password":"otra-frase-larga"})")
                .status,
            200);
  EXPECT_EQ(outcome(get("/api/users/me", other_login)), "401 login_ended");
  EXPECT_EQ(get("/api/users/me", ana).status, 200);
}

TEST_F(OperationsTest, OthersAreSeenWithoutTheirAddress) {
  const std::string ana = newcomer("ana");
  newcomer("bea");
  const auto users = get("/api/users/", ana).json.as_array();
  ASSERT_EQ(users.size(), 2U);
  EXPECT_EQ(users[0].at("email"), "ana@example.com");
  EXPECT_TRUE(users[1].at("email").is_null());
  EXPECT_TRUE(get("/api/users/2", ana).json.at("email").is_null());
  EXPECT_EQ(get("/api/users/username/Bea", ana).json.at("id"), 2);
  EXPECT_EQ(outcome(get("/api/users/username/nadie", ana)), "404 user_not_found");
  for (const char* id : {"3", "0", "-1", "123456789012345678901234567890"}) {
    EXPECT_EQ(outcome(get(std::string("/api/users/") + id, ana)), "404 user_not_found") << id;
  }
  EXPECT_EQ(fault(get("/api/users/dos", ana)), "path.id int_parsing");
  EXPECT_THAT(get("/api/users/me/files", ana).json.as_array(), IsEmpty());
}

TEST_F(OperationsTest, PagesOfAList) {
  const std::string ana = newcomer("ana");
  newcomer("bea");
  newcomer("caro");
  const auto page = [&](const std::string& query) {
    return names(get("/api/users?" + query, ana).json, "username");
  };
  EXPECT_THAT(page("limit=2"), ElementsAre("ana", "bea"));
  EXPECT_THAT(page("limit=1&skip=1"), ElementsAre("bea"));
  EXPECT_THAT(page("after=1&limit=1"), ElementsAre("bea"));
  EXPECT_THAT(page("before=3&limit=1"), ElementsAre("bea"));
  EXPECT_THAT(page("limit=123456789012345678901234567890"), ElementsAre("ana", "bea", "caro"));
  EXPECT_THAT(page("skip=123456789012345678901234567890"), IsEmpty());
  EXPECT_EQ(fault(get("/api/users?limit=0", ana)), "query.limit greater_than_equal");
  EXPECT_EQ(fault(get("/api/users?limit=-1", ana)), "query.limit greater_than_equal");
  EXPECT_EQ(fault(get("/api/users?skip=-1", ana)), "query.skip greater_than_equal");
  EXPECT_EQ(fault(get("/api/users?limit=x", ana)), "query.limit int_parsing");
  EXPECT_EQ(fault(get("/api/users?before=3&after=1", ana)), "query.after value_error");
}

TEST_F(OperationsTest, ARoomIsMadeChangedAndDeleted) {
  const std::string ana = newcomer("ana");
  const Reply made = post("/api/rooms/", ana,
                          R"({"name":"Equipo azul","description":null,"is_private":null,"is_public":1})");
  EXPECT_EQ(made.status, 201);
  EXPECT_THAT(keys(made.json),
              ElementsAre("id", "name", "description", "is_private", "owner_id", "created_at", "updated_at",
                          "owner", "members", "member_count", "members_truncated", "is_member"));
  EXPECT_EQ(made.json.at("is_private"), false);
  EXPECT_EQ(made.json.at("owner").at("email"), "ana@example.com");
  EXPECT_THAT(names(made.json.at("members"), "username"), ElementsAre("ana"));
  EXPECT_EQ(made.json.at("member_count"), 1);
  EXPECT_EQ(made.json.at("members_truncated"), false);
  EXPECT_EQ(made.json.at("is_member"), true);
  EXPECT_EQ(get("/api/rooms/1", ana).json, made.json);

  const Reply changed = put("/api/rooms/1", ana, R"({"description":"de lunes a viernes","is_private":true})");
  EXPECT_EQ(changed.json.at("description"), "de lunes a viernes");
  EXPECT_EQ(changed.json.at("name"), "Equipo azul");
  EXPECT_TRUE(put("/api/rooms/1", ana, R"({"description":""})").json.at("description").is_null());
  EXPECT_EQ(fault(put("/api/rooms/1", ana, R"({"name":" "})")), "body.name string_too_short");
  EXPECT_EQ(remove("/api/rooms/1", ana).json.at("message"), "The room has been deleted");
  EXPECT_EQ(outcome(get("/api/rooms/1", ana)), "404 room_not_found");
}

TEST_F(OperationsTest, ARoomsIdIsAPositiveNumber) {
  const std::string ana = newcomer("ana");
  for (const char* tail : {"", "/members", "/messages"}) {
    const auto at = [&](const char* id) { return get("/api/rooms/" + std::string(id) + tail, ana); };
    EXPECT_EQ(outcome(at("0")), "400 invalid_room_id") << tail;
    EXPECT_EQ(outcome(at("-123456789012345678901234567890")), "400 invalid_room_id") << tail;
    EXPECT_EQ(outcome(at("123456789012345678901234567890")), "404 room_not_found") << tail;
    EXPECT_EQ(fault(at("sala")), "path.id int_parsing") << tail;
  }
  EXPECT_EQ(outcome(get("/api/ws/rooms/0/online", ana)), "400 invalid_room_id");
}

TEST_F(OperationsTest, OnlyTheOwnerRulesARoom) {
  const std::string ana = newcomer("ana");
  const std::string bea = newcomer("bea");
  const std::string room = make_room(ana);
  EXPECT_EQ(outcome(put(room, bea, R"({"name":"mía"})")), "403 not_room_owner");
  EXPECT_EQ(outcome(remove(room, bea)), "403 not_room_owner");
  EXPECT_EQ(outcome(post(room + "/members", bea, R"({"user_id":2})")), "403 not_room_owner");
  EXPECT_EQ(outcome(remove(room + "/members/1", bea)), "403 not_room_owner");
  EXPECT_EQ(outcome(post(room + "/owner", bea, R"({"user_id":2})")), "403 not_room_owner");
  EXPECT_EQ(outcome(post(room + "/owner", ana, R"({"user_id":2})")), "404 member_not_found");
  post(room + "/join", bea);
  EXPECT_EQ(post(room + "/owner", ana, R"({"user_id":2})").json.at("owner").at("username"), "bea");
  EXPECT_EQ(put(room, bea, R"({"name":"mía"})").json.at("name"), "mía");
}

TEST_F(OperationsTest, MembersComeAndGo) {
  const std::string ana = newcomer("ana");
  const std::string bea = newcomer("bea");
  const std::string room = make_room(ana);
  const Reply joined = post(room + "/join", bea);
  EXPECT_EQ(joined.json,
            (boost::json::object{{"message", "You have joined the room successfully"}, {"room_id", 1}}));
  EXPECT_EQ(post(room + "/join", bea).status, 200) << "already in it";
  Request spanish = request(Method::kPost, room + "/join", newcomer("caro"));
  spanish.headers.set("Accept-Language", "es");
  EXPECT_EQ(send(spanish).json.at("message"), "Te has unido a la sala exitosamente");
  EXPECT_THAT(names(get(room + "/members", bea).json, "username"), ElementsAre("ana", "bea", "caro"));
  EXPECT_THAT(names(get("/api/users/me/rooms", bea).json, "name"), ElementsAre("sala"));

  EXPECT_EQ(post(room + "/leave", bea).json.at("room_id"), 1);
  EXPECT_EQ(outcome(post(room + "/leave", bea)), "400 not_a_member");
  EXPECT_EQ(outcome(post(room + "/leave", ana)), "400 owner_cannot_leave");
  EXPECT_EQ(outcome(remove(room + "/members/1", ana)), "400 owner_cannot_be_removed");
  EXPECT_EQ(remove(room + "/members/3", ana).status, 200);
  EXPECT_EQ(outcome(remove(room + "/members/99", ana)), "404 user_not_found");
}

TEST_F(OperationsTest, WhoIsRemovedStaysOutUntilAdded) {
  const std::string ana = newcomer("ana");
  const std::string bea = newcomer("bea");
  const std::string room = make_room(ana);
  remove(room + "/members/2", ana);
  EXPECT_EQ(outcome(post(room + "/join", bea)), "403 removed_from_room");
  EXPECT_EQ(outcome(post(room + "/messages", bea, R"({"content":"hola"})")), "403 removed_from_room");
  const Reply added = post(room + "/members", ana, R"({"username":"BEA"})");
  EXPECT_EQ(added.status, 201);
  EXPECT_EQ(added.json.at("username"), "bea");
  EXPECT_TRUE(added.json.at("email").is_null());
  EXPECT_EQ(post(room + "/messages", bea, R"({"content":"hola"})").status, 201);
}

TEST_F(OperationsTest, AMemberIsNamedInOneWay) {
  const std::string ana = newcomer("ana");
  const std::string room = make_room(ana);
  EXPECT_EQ(fault(post(room + "/members", ana, "{}")), "body.user_id missing");
  EXPECT_EQ(fault(post(room + "/members", ana, R"({"user_id":1,"username":"ana"})")),
            "body.user_id value_error");
  EXPECT_EQ(outcome(post(room + "/members", ana, R"({"user_id":99})")), "404 user_not_found");
  EXPECT_EQ(outcome(post(room + "/members", ana, R"({"user_id":123456789012345678901234567890})")),
            "404 user_not_found");
}

TEST_F(OperationsTest, APrivateRoomDoesNotExistForOthers) {
  const std::string ana = newcomer("ana");
  const std::string bea = newcomer("bea");
  const std::string room = make_room(ana, R"({"name":"secreta","is_private":"yes"})");
  EXPECT_THAT(get("/api/rooms", bea).json.as_array(), IsEmpty());
  EXPECT_THAT(get("/api/users/me/rooms", bea).json.as_array(), IsEmpty());
  for (const Reply& reply :
       {get(room, bea), get(room + "/members", bea), get(room + "/messages", bea),
        get("/api/ws/rooms/1/online", bea), put(room, bea, "{}"), remove(room, bea),
        post(room + "/join", bea), post(room + "/leave", bea),
        post(room + "/messages", bea, R"({"content":"hola"})"),
        post(room + "/members", bea, R"({"user_id":2})"), remove(room + "/members/1", bea),
        post(room + "/owner", bea, R"({"user_id":2})")}) {
    EXPECT_EQ(outcome(reply), "404 room_not_found");
    EXPECT_EQ(reply.json.at("detail"), get("/api/rooms/99", bea).json.at("detail"));
  }
}

TEST_F(OperationsTest, AMessageIsShownWithItsSenderAndRoom) {
  const std::string ana = newcomer("ana");
  const std::string bea = newcomer("bea");
  const std::string room = make_room(ana);
  const Reply posted = post(room + "/messages", bea,
                            R"({"content":"  ¡Hola!  ","file_id":null,"room_id":99,"file":{"id":1}})");
  EXPECT_EQ(posted.status, 201);
  EXPECT_THAT(keys(posted.json),
              ElementsAre("id", "seq", "client_id", "content", "sender_id", "room_id", "file_id",
                          "created_at", "sender", "room", "file", "file_deleted", "change_seq"));
  EXPECT_EQ(posted.json.at("content"), "¡Hola!");
  EXPECT_EQ(posted.json.at("room_id"), 1) << "the path names the room";
  EXPECT_EQ(posted.json.at("seq"), 1);
  EXPECT_EQ(posted.json.at("sender").at("email"), "bea@example.com");
  EXPECT_THAT(keys(posted.json.at("room")), ElementsAre("id", "name", "description", "is_private", "owner_id",
                                                        "created_at", "updated_at", "owner"));
  EXPECT_TRUE(posted.json.at("room").at("owner").at("email").is_null());
  EXPECT_EQ(get(room, bea).json.at("is_member"), true) << "posting makes a member";

  const auto history = get(room + "/messages", bea).json.as_array();
  ASSERT_EQ(history.size(), 1U);
  EXPECT_EQ(history[0], posted.json);
  const auto seen_by_owner = get(room + "/messages", ana).json.at(0);
  EXPECT_TRUE(seen_by_owner.at("sender").at("email").is_null());
  EXPECT_EQ(seen_by_owner.at("room").at("owner").at("email"), "ana@example.com");
}

TEST_F(OperationsTest, HistoryIsNewestFirstAndCursorsGoBothWays) {
  const std::string ana = newcomer("ana");
  const std::string room = make_room(ana);
  for (const char* text : {"uno", "dos", "tres", "cuatro"}) {
    post(room + "/messages", ana, std::string(R"({"content":")") + text + "\"}");
  }
  const auto page = [&](const std::string& query) {
    return names(get(room + "/messages?" + query, ana).json, "content");
  };
  EXPECT_THAT(page(""), ElementsAre("cuatro", "tres", "dos", "uno"));
  EXPECT_THAT(page("limit=1&skip=1"), ElementsAre("tres"));
  EXPECT_THAT(page("before=3"), ElementsAre("dos", "uno"));
  EXPECT_THAT(page("after=1&limit=2"), ElementsAre("dos", "tres"));
  EXPECT_THAT(page("after_seq=2"), ElementsAre("tres", "cuatro"));
  EXPECT_THAT(page("after_seq=0&limit=1"), ElementsAre("uno"));
  EXPECT_EQ(fault(get(room + "/messages?after=1&after_seq=1", ana)), "query.after_seq value_error");
}

TEST_F(OperationsTest, TheSameClientIdIsTheSameMessage) {
  const std::string ana = newcomer("ana");
  const std::string room = make_room(ana);
  const Reply first = post(room + "/messages", ana, R"({"content":"hola","client_id":"c-1"})");
  EXPECT_EQ(first.status, 201);
  const Reply again = post(room + "/messages", ana, R"({"content":"hola","client_id":"c-1"})");
  EXPECT_EQ(again.status, 200);
  EXPECT_EQ(again.json, first.json);
  EXPECT_EQ(outcome(post(room + "/messages", ana, R"({"content":"adiós","client_id":"c-1"})")),
            "409 client_id_conflict");
}

TEST_F(OperationsTest, RefusedMessagesNameTheField) {
  const std::string ana = newcomer("ana");
  const std::string room = make_room(ana);
  const auto attempt = [&](const std::string& body) {
    const Reply reply = post(room + "/messages", ana, body);
    return outcome(reply) + ": " + fault(reply);
  };
  EXPECT_EQ(attempt("{}"), "422 validation_error: body.content missing");
  EXPECT_EQ(attempt(R"({"content":" \n "})"), "422 empty_message: body.content string_too_short");
  EXPECT_EQ(attempt(R"({"content":")" + std::string(10'001, 'a') + "\"}"),
            "422 message_too_long: body.content string_too_long");
  EXPECT_EQ(attempt(R"({"content":"a\u0000b"})"), "422 validation_error: body.content value_error");
  EXPECT_EQ(attempt(R"({"content":"a","client_id":")" + std::string(65, 'c') + "\"}"),
            "422 invalid_client_id: body.client_id string_too_long");
  EXPECT_EQ(outcome(post(room + "/messages", ana, R"({"content":"a","file_id":5})")), "404 file_not_found");
}

TEST_F(OperationsTest, WhoIsOnline) {
  const std::string ana = newcomer("ana");
  make_room(ana);
  live_.connected = {{UserId(1), "ana", std::nullopt}};
  EXPECT_EQ(
      get("/api/ws/rooms/1/online", ana).json,
      (boost::json::object{{"room_id", 1},
                           {"online_users", boost::json::array{boost::json::object{
                                                {"id", 1}, {"username", "ana"}, {"full_name", nullptr}}}},
                           {"count", 1}}));
}

TEST_F(OperationsTest, ThePathOfASocketWantsAnUpgrade) {
  const Reply plain = get("/api/ws/1");
  EXPECT_EQ(outcome(plain), "426 upgrade_required");
  EXPECT_EQ(plain.headers.find("Upgrade"), "websocket");
}

}  // namespace
}  // namespace izpo::api
