#include "wire/image_size.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

namespace izpo::wire {
namespace {

using namespace std::string_literals;

std::string padded(std::string head) {
  head.resize(std::max<std::size_t>(head.size(), 64));
  return head;
}

const std::string kPng = padded("\x89PNG\r\n\x1A\n\0\0\0\rIHDR\0\0\x02\x80\0\0\x01\xE0"s);
const std::string kGif = padded("GIF89a\x80\x02\xE0\x01"s);
const std::string kLossy = padded("RIFF\0\0\0\0WEBPVP8 \0\0\0\0\0\0\0\x9D\x01\x2A\x80\x02\xE0\x01"s);
const std::string kLossless = padded("RIFF\0\0\0\0WEBPVP8L\0\0\0\0\x2F\x7F\xC2\x77\0"s);
const std::string kExtended = padded("RIFF\0\0\0\0WEBPVP8X\0\0\0\0\0\0\0\0\x7F\x02\0\xDF\x01\0"s);
const std::string kFrame = "\xFF\xC0\0\x11\x08\x01\xE0\x02\x80\x03"s;
const std::string kJpeg = padded("\xFF\xD8\xFF\xE0\0\x10JFIF\0\x01\x01\0\0\x01\0\x01\0\0"s + kFrame);

std::string exif(bool big, char orientation) {
  const std::string tiff =
      big ? "MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0"s + orientation + "\0\0\0\0\0\0"s
          : "II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0"s + orientation + "\0\0\0\0\0\0\0"s;
  const std::string content = "Exif\0\0"s + tiff;
  return "\xFF\xE1\0"s + static_cast<char>(content.size() + 2) + content;
}

TEST(ImageSizeTest, EveryFormatSaysItsSize) {
  const PixelSize size{.width = 640, .height = 480};
  for (const std::string& image : {kPng, kGif, kLossy, kLossless, kExtended, kJpeg}) {
    EXPECT_EQ(image_size(image), size) << image.substr(0, 4);
  }
}

TEST(ImageSizeTest, AJpegOnItsSideHasTheSizeThatIsShown) {
  for (const bool big : {true, false}) {
    for (char orientation = 1; orientation <= 8; ++orientation) {
      const auto size = image_size(padded("\xFF\xD8"s + exif(big, orientation) + kFrame));
      ASSERT_TRUE(size);
      EXPECT_EQ(size->width, orientation >= 5 ? 480U : 640U) << int{orientation};
    }
  }
}

TEST(ImageSizeTest, WhatIsCutOrBrokenHasNone) {
  EXPECT_EQ(image_size(""), std::nullopt);
  EXPECT_EQ(image_size(std::string(100, 'x')), std::nullopt);
  EXPECT_EQ(image_size(padded("\x89PNG\r\n\x1A\n\0\0\0\rIDAT\0\0\x02\x80\0\0\x01\xE0"s)), std::nullopt);
  EXPECT_EQ(image_size(padded("GIF89a\0\0\xE0\x01"s)), std::nullopt);
  EXPECT_EQ(image_size(padded("\xFF\xD8\xFF\xE0\0\0"s)), std::nullopt);
  EXPECT_EQ(image_size(padded("\xFF\xD8\xFF\xE0\xFF\xFF"s)), std::nullopt);
  EXPECT_EQ(image_size(padded("\xFF\xD8\xFF\xDA\0\x10"s)), std::nullopt);
}

}  // namespace
}  // namespace izpo::wire
