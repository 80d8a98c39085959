#include "realtime/frame.hpp"

#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <vector>

namespace izpo::realtime {
namespace {

const std::string kRepetitive = R"({"content":")" + std::string(500, 'x') + "\"}";

TEST(EncodedEvent, HasOneFrameOfEachKindForAllSockets) {
  const SharedEvent event = text_frame(kRepetitive);
  EXPECT_EQ(plain_frame(event).get(), plain_frame(event).get());
  EXPECT_EQ(compressed_frame(event).get(), compressed_frame(event).get());
  EXPECT_EQ(*plain_frame(event), wire::encode_frame(wire::Opcode::kText, kRepetitive));
  EXPECT_EQ(*compressed_frame(event), wire::compress_frame(*plain_frame(event)));
}

TEST(EncodedEvent, IsItsOwnCompressedFormWhereThatGainsNothing) {
  const SharedEvent event = text_frame("{}");
  EXPECT_EQ(compressed_frame(event).get(), plain_frame(event).get());
}

TEST(EncodedEvent, JoinsOthersInEitherForm) {
  const std::vector<SharedEvent> parts{text_frame(kRepetitive), text_frame("{}")};
  const auto together = std::make_shared<const EncodedEvent>(parts);
  EXPECT_EQ(together->plain(), parts[0]->plain() + parts[1]->plain());
  EXPECT_EQ(together->compressed(), parts[0]->compressed() + parts[1]->plain());
}

TEST(EncodedEvent, LivesAsLongAsOneOfItsFrames) {
  std::weak_ptr<const EncodedEvent> watched;
  {
    SharedEvent event = text_frame(kRepetitive);
    watched = event;
    const Frame frame = compressed_frame(std::move(event));
    EXPECT_FALSE(watched.expired());
    EXPECT_EQ(static_cast<unsigned char>(frame->front()), 0xC1);
  }
  EXPECT_TRUE(watched.expired());
}

TEST(EncodedEvent, IsCompressedOnceWhicheverLoopAsksFirst) {
  const SharedEvent event = text_frame(kRepetitive);
  std::vector<const std::string*> found(8);
  std::vector<std::thread> loops;
  loops.reserve(found.size());
  for (auto& frame : found) loops.emplace_back([&frame, &event] { frame = &event->compressed(); });
  for (auto& loop : loops) loop.join();
  EXPECT_EQ(found, std::vector(found.size(), found.front()));
  EXPECT_NE(found.front(), &event->plain());
}

}  // namespace
}  // namespace izpo::realtime
