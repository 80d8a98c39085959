#include "api/chat_events.hpp"

#include <gtest/gtest.h>

#include "domain/reasons.hpp"

namespace izpo::api {
namespace {

services::MessageDraft draft_of(std::string_view text) {
  const auto decoded = decode_client_event(text);
  EXPECT_TRUE(decoded.event) << text;
  return std::get<services::MessageDraft>(*decoded.event);
}

Reason refusal_of(std::string_view text) {
  const auto decoded = decode_client_event(text);
  EXPECT_FALSE(decoded.event) << text;
  return decoded.event ? reason::kInternal : decoded.event.error().reason;
}

TEST(ChatEvents, AMissingTypeMeansMessage) {
  EXPECT_EQ(draft_of(R"({"content":"hola"})").content, "hola");
  EXPECT_EQ(draft_of(R"({"type":null,"content":"hola"})").content, "hola");
}

TEST(ChatEvents, AMessageHasItsOptionalParts) {
  const auto draft =
      draft_of(R"({"type":"message","content":"mira","file_id":7,"client_id":"a-1","file":{"id":9}})");
  EXPECT_EQ(draft.file, FileId(7));
  EXPECT_EQ(draft.client_id, "a-1");
  const auto bare = draft_of(R"({"content":null,"file_id":null,"client_id":null})");
  EXPECT_EQ(bare.content, "");
  EXPECT_FALSE(bare.file);
  EXPECT_FALSE(bare.client_id);
}

TEST(ChatEvents, TypingAndPing) {
  const auto typing = [](std::string_view text) {
    return std::get<TypingNotice>(*decode_client_event(text).event).typing;
  };
  EXPECT_TRUE(typing(R"({"type":"typing","typing":true})"));
  EXPECT_FALSE(typing(R"({"type":"typing","typing":false})"));
  EXPECT_TRUE(typing(R"({"type":"typing"})"));
  EXPECT_TRUE(std::holds_alternative<Ping>(*decode_client_event(R"({"type":"ping"})").event));
}

TEST(ChatEvents, RefusesWhatIsNoJsonObject) {
  for (const auto* text :
       {"", "hola", "[]", "7", "null", "{\"content\":", R"({"content":"\ud800"})", "{} {}"}) {
    EXPECT_EQ(refusal_of(text), reason::kInvalidJson) << text;
  }
  EXPECT_EQ(refusal_of(std::string(100'000, '[')), reason::kInvalidJson);
}

TEST(ChatEvents, RefusesWhatItDoesNotKnowAndWrongTypes) {
  EXPECT_EQ(refusal_of(R"({"type":"dance"})"), reason::kUnknownEvent);
  EXPECT_EQ(refusal_of(R"({"type":7})"), reason::kUnknownEvent);
  EXPECT_EQ(refusal_of(R"({"content":7})"), reason::kInvalidText);
  EXPECT_EQ(refusal_of(R"({"content":"x","client_id":7})"), reason::kInvalidClientId);
  EXPECT_EQ(refusal_of(R"({"content":"x","file_id":"seven"})"), reason::kFileNotFound);
  EXPECT_EQ(refusal_of(R"({"content":"x","file_id":123456789012345678901234567890})"), reason::kFileNotFound);
}

TEST(ChatEvents, SubscribeNamesRoomsAndWhereTheClientStands) {
  const auto decoded = decode_client_event(
      R"({"type":"subscribe","rooms":[{"room_id":7,"after_seq":3,"epoch":"e"},{"room_id":8,"after_seq":null}]})");
  const auto& rooms = std::get<Subscribe>(*decoded.event).rooms;
  ASSERT_EQ(rooms.size(), 2U);
  EXPECT_EQ(rooms[0].room, RoomId(7));
  EXPECT_EQ(rooms[0].after_seq, Seq(3));
  EXPECT_EQ(rooms[0].epoch, "e");
  EXPECT_EQ(rooms[1].room, RoomId(8));
  EXPECT_FALSE(rooms[1].after_seq);
  EXPECT_FALSE(rooms[1].epoch);
}

TEST(ChatEvents, APositionThatIsNoneIsOneThatNoRoomHasReached) {
  for (const auto* after_seq : {"-1", "\"3\"", "1.5", "18446744073709551615"}) {
    const auto text =
        std::string(R"({"type":"subscribe","rooms":[{"room_id":7,"after_seq":)") + after_seq + "}]}";
    EXPECT_EQ(std::get<Subscribe>(*decode_client_event(text).event).rooms[0].after_seq, Seq(INT64_MAX))
        << text;
  }
}

TEST(ChatEvents, UnsubscribeNamesRooms) {
  const auto decoded = decode_client_event(R"({"type":"unsubscribe","room_ids":[7,8]})");
  EXPECT_EQ(std::get<Unsubscribe>(*decoded.event).rooms, (std::vector{RoomId(7), RoomId(8)}));
}

TEST(ChatEvents, RefusesListsThatAreNone) {
  for (const auto* text : {R"({"type":"subscribe"})", R"({"type":"subscribe","rooms":{}})",
                           R"({"type":"subscribe","rooms":[7]})", R"({"type":"unsubscribe"})",
                           R"({"type":"unsubscribe","room_ids":7})"}) {
    EXPECT_EQ(refusal_of(text), reason::kValidation) << text;
  }
  EXPECT_EQ(refusal_of(R"({"type":"subscribe","rooms":[{"room_id":"7"}]})"), reason::kInvalidRoomId);
  EXPECT_EQ(refusal_of(R"({"type":"unsubscribe","room_ids":[null]})"), reason::kInvalidRoomId);
}

TEST(ChatEvents, AnEventNamesItsRoom) {
  EXPECT_EQ(decode_client_event(R"({"content":7,"room_id":3})").room, RoomId(3));
  EXPECT_FALSE(decode_client_event(R"({"content":"x"})").room);
}

TEST(ChatEvents, ARefusalNamesTheMessage) {
  EXPECT_EQ(decode_client_event(R"({"content":7,"client_id":"a-1"})").client_id, "a-1");
}

}  // namespace
}  // namespace izpo::api
