#include "wire/multipart.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "support/form_receiver.hpp"

namespace izpo::wire {
namespace {

using test::FormReceiver;
using ::testing::ElementsAre;

constexpr std::string_view kDisposition = "Content-Disposition: form-data; ";

std::string part(std::string_view parameters, std::string_view data) {
  return "--b\r\n" + std::string(kDisposition) + std::string(parameters) + "\r\n\r\n" + std::string(data) +
         "\r\n";
}

std::vector<std::string> seen(std::string_view body, std::size_t piece = 1'000'000,
                              std::string_view boundary = "b") {
  FormReceiver receiver(boundary);
  for (std::size_t at = 0; at < body.size(); at += piece) receiver.feed(body.substr(at, piece));
  return receiver.seen();
}

TEST(MultipartTest, PartsComeInAnyOrderAndAnyPieces) {
  const std::string body = part("name=\"note\"", "hola") +
                           part("name=\"file\"; filename=\"a b.txt\"", "uno\r\ndos") +
                           part("name=empty; filename=\"\"", "") + "--b--\r\n";
  for (std::size_t piece = 1; piece <= body.size(); ++piece) {
    EXPECT_THAT(seen(body, piece), ElementsAre("note=hola", "file<a b.txt>=uno\r\ndos", "empty<>=", "end"))
        << piece;
  }
}

TEST(MultipartTest, WhatOnlyLooksLikeABoundaryIsData) {
  const std::string data = "\r\r\n\r\n-\r\n--\r\n--a\r\n--B\r\r\n--\r\n-";
  const std::string body = part("name=file; filename=x", data) + "--b--";
  for (std::size_t piece = 1; piece <= 7; ++piece) {
    EXPECT_THAT(seen(body, piece), ElementsAre("file<x>=" + data, "end")) << piece;
  }
}

TEST(MultipartTest, WhatStandsAroundThePartsIsDropped) {
  EXPECT_THAT(seen("preamble\r\n" + part("name=a", "1") + "--b--\r\nepilogue", 3), ElementsAre("a=1", "end"));
  EXPECT_THAT(seen("--b \t\r\nContent-Disposition: form-data; name=a\r\n\r\n1\r\n--b--"),
              ElementsAre("a=1", "end"));
  EXPECT_THAT(seen("--b--"), ElementsAre("end"));
}

TEST(MultipartTest, TheBoundaryMayHoldWhatItLikes) {
  const std::string odd = "a '()+_,-./:=? b";
  EXPECT_THAT(
      seen("--" + odd + "\r\nContent-Disposition: form-data; name=a\r\n\r\n1\r\n--" + odd + "--", 2, odd),
      ElementsAre("a=1", "end"));
}

TEST(MultipartTest, NamesAreReadAsClientsWriteThem) {
  const std::pair<const char*, const char*> names[] = {
      {R"(filename="plano \"1\".pdf")", "plano \"1\".pdf"},
      {R"(filename="plano %221%22.pdf")", "plano \"1\".pdf"},
      {R"(filename="C:\fotos\a.png")", R"(C:\fotos\a.png)"},
      {"filename=\"ñandú 😀.png\"", "ñandú 😀.png"},
      {"filename=a.png; filename*=UTF-8''%C3%B1.png", "ñ.png"},
      {"filename*=utf-8'es'%e2%82%ac%20x.txt; filename=\"EURO.txt\"", "€ x.txt"},
      {"filename*=iso-8859-1''%A3.txt; filename=b", "£.txt"},
      {"filename*=koi8-r''%A3.txt; filename=b", "b"},
      {"FileName=\"a;b=c.txt\"", "a;b=c.txt"},
  };
  for (const auto& [parameters, name] : names) {
    EXPECT_THAT(seen(part("name=file; " + std::string(parameters), "x") + "--b--"),
                ElementsAre("file<" + std::string(name) + ">=x", "end"));
  }
}

TEST(MultipartTest, BrokenFormsAreRefused) {
  const std::string bodies[] = {
      "--b\r\n\r\nno head\r\n--b--",
      "--b\r\nContent-Disposition: form-data\r\n\r\nno name\r\n--b--",
      "--b\r\nContent-Disposition: attachment; name=a\r\n\r\n1\r\n--b--",
      "--b\r\nContent-Type: text/plain\r\n\r\n1\r\n--b--",
      "--b\r\nno colon\r\n\r\n1\r\n--b--",
      "--b\r\nContent-Disposition: form-data; name=\"open\r\n\r\n1\r\n--b--",
      "--bad\r\nContent-Disposition: form-data; name=a\r\n\r\n1\r\n--b--",
      std::string(20'000, 'x'),
      "--b\r\nX: " + std::string(20'000, 'x'),
  };
  for (const std::string& body : bodies) {
    EXPECT_EQ(seen(body, 100).back(), "refused") << body.substr(0, 80);
  }
}

TEST(MultipartTest, ThePartsAreCounted) {
  std::string body;
  for (int i = 0; i < 1000; ++i) body += part("name=a", "");
  EXPECT_EQ(seen(body + "--b--").size(), 1001U);
  EXPECT_EQ(seen(body + part("name=a", "") + "--b--").back(), "refused");
}

TEST(MultipartTest, TheBoundaryStandsInTheContentType) {
  EXPECT_EQ(multipart_boundary("multipart/form-data; boundary=abc"), "abc");
  EXPECT_EQ(multipart_boundary("Multipart/Form-Data;charset=utf-8; BOUNDARY=\"a b\""), "a b");
  EXPECT_EQ(multipart_boundary("multipart/form-data; boundary=" + std::string(70, 'x')),
            std::string(70, 'x'));
  for (const std::string bad :
       {"", "application/json", "multipart/mixed; boundary=a", "multipart/form-data",
        "multipart/form-data; boundary=", "multipart/form-data; boundary=\"a ",
        "multipart/form-data; boundary=\"a \"", "multipart/form-data; boundary=a\tb"}) {
    EXPECT_EQ(multipart_boundary(bad), std::nullopt) << bad;
  }
  EXPECT_EQ(multipart_boundary("multipart/form-data; boundary=" + std::string(71, 'x')), std::nullopt);
}

}  // namespace
}  // namespace izpo::wire
