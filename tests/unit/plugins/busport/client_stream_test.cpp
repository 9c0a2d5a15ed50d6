// SPDX-License-Identifier: LGPL-2.1-or-later
#include "busport/client_stream.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace slipway::busport {
namespace {

using namespace std::string_literals;

const std::string kHandshake = "\0AUTH EXTERNAL 30\r\nNEGOTIATE_UNIX_FD\r\nBEGIN\r\n"s;

std::string number(std::uint32_t value, bool is_little) {
    std::string bytes(4, '\0');
    for (unsigned i = 0; i < 4; ++i)
        bytes[is_little ? i : 3 - i] = static_cast<char>(value >> (8 * i) & 0xFFU);
    return bytes;
}

// The fields of its header are `fields` bytes long, before they are filled up to a multiple of 8.
std::string message(std::size_t fields, std::size_t body, char order = 'l') {
    const bool is_little = order == 'l';
    return std::string(1, order) + "\1\0\1"s + number(static_cast<std::uint32_t>(body), is_little) +
           number(1, is_little) + number(static_cast<std::uint32_t>(fields), is_little) +
           std::string((fields + 7) / 8 * 8, '\0') + std::string(body, '\0');
}

// What each client has sent, when `bytes` arrive in pieces of `size`.
std::vector<std::string> clients_of(const std::string &bytes, std::size_t size) {
    ClientStream stream;
    std::vector<std::string> clients;
    for (std::size_t begin = 0; begin < bytes.size(); begin += size) {
        for (std::string_view rest = std::string_view(bytes).substr(begin, size); !rest.empty();) {
            const auto piece = stream.next(rest);
            EXPECT_GT(piece.size, 0U);
            if (piece.is_beginning || clients.empty())
                clients.emplace_back();
            clients.back() += rest.substr(0, piece.size);
            rest.remove_prefix(piece.size);
        }
    }
    return clients;
}

// However the bytes are cut, the clients are the same.
void expect_clients(const std::vector<std::string> &clients) {
    std::string bytes;
    for (const std::string &client : clients)
        bytes += client;
    for (const std::size_t size :
         {std::size_t{1}, std::size_t{2}, std::size_t{7}, std::size_t{64}, bytes.size()})
        EXPECT_EQ(clients_of(bytes, size), clients) << "in pieces of " << size;
}

TEST(ClientStreamTest, OneClientIsNotCut) {
    expect_clients({kHandshake + message(110, 0) + message(21, 1000) + message(8, 3)});
}

TEST(ClientStreamTest, TheNextClientBeginsBehindAWholeMessage) {
    expect_clients({kHandshake + message(110, 7), kHandshake + message(110, 0), kHandshake});
}

TEST(ClientStreamTest, TheNextClientBeginsInAHandshakeThatWasBrokenOff) {
    expect_clients({"\0"s, "\0AUTH"s, "\0AUTH EXTERNAL 30\r\n"s, kHandshake + message(1, 1)});
}

TEST(ClientStreamTest, BothByteOrdersAreRead) {
    expect_clients({kHandshake + message(300, 70000, 'B'), kHandshake + message(9, 256, 'l')});
}

TEST(ClientStreamTest, ALineThatOnlyContainsBeginEndsNothing) {
    const std::string client = "\0AUTH BEGIN\r\nERROR BEGIN\r\nBEGIN \r\n"s;
    expect_clients({client, "\0BEGIN\r\n"s + message(8, 0)});
}

TEST(ClientStreamTest, WhatIsNoMessageBelongsToTheClientUntilItIsGone) {
    ClientStream stream;
    const std::string garbage = kHandshake + "garbage, garbage" + std::string(100, '\0');
    EXPECT_EQ(stream.next(garbage).size, garbage.size());
    const auto more = stream.next(kHandshake);
    EXPECT_FALSE(more.is_beginning);
    EXPECT_EQ(more.size, kHandshake.size());
    stream.reset();
    EXPECT_TRUE(stream.next(kHandshake).is_beginning);
}

TEST(ClientStreamTest, AMessageLongerThanAllowedIsNone) {
    ClientStream stream;
    const std::string head = message(0, 0).replace(4, 4, number(0xFFFFFFFF, true));
    const std::string bytes = kHandshake + head + kHandshake;
    EXPECT_EQ(stream.next(bytes).size, bytes.size());
}

TEST(ClientStreamTest, AClientWithoutItsFirstByteIsOneAllTheSame) {
    ClientStream stream;
    const auto piece = stream.next("GET / HTTP/1.0\r\n");
    EXPECT_TRUE(piece.is_beginning);
    EXPECT_EQ(piece.size, 16U);
}

} // namespace
} // namespace slipway::busport
