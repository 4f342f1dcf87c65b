import FoundationEssentials
import KittyShared
import Testing

struct InstantTests {
  @Test func instantsPrintAsRFC3339() {
    #expect("\(Instant(milliseconds: 0))" == "1970-01-01T00:00:00.000Z")
    #expect("\(Instant(milliseconds: 1_795_508_130_250))" == "2026-11-24T08:15:30.250Z")
    #expect("\(Instant(milliseconds: -1))" == "1969-12-31T23:59:59.999Z")
    #expect("\(Instant(milliseconds: 951_782_400_000))" == "2000-02-29T00:00:00.000Z")
  }

  /// The form has years from 1900 to 9999, and so has the contract.
  @Test func instantIsAlwaysWrittenInTheForm() throws {
    for (milliseconds, text) in [
      (Int64.max, "9999-12-31T23:59:59.999Z"), (253_402_300_800_000, "9999-12-31T23:59:59.999Z"),
      (253_402_300_799_999, "9999-12-31T23:59:59.999Z"), (253_402_300_799_998, "9999-12-31T23:59:59.998Z"),
      (-2_208_988_800_000, "1900-01-01T00:00:00.000Z"), (-2_208_988_800_001, "1900-01-01T00:00:00.000Z"),
      (Int64.min / 2, "1900-01-01T00:00:00.000Z"),
    ] {
      #expect("\(Instant(milliseconds: milliseconds))" == text)
      let json = Data("[\"\(text)\"]".utf8)
      #expect(try "\(JSON.decode([Instant].self, from: json)[0])" == text)
    }
  }

  /// One value of a server of before must not make a whole list unreadable; in a request it is refused.
  @Test func instantAfterTheLastYearIsReadInResponsesOnly() throws {
    for text in ["10000-01-01T00:00:00.000Z", "292278994-08-17T07:12:55.807Z"] {
      let read = try JSON.decode([Instant].self, from: Data("[\"\(text)\"]".utf8))
      #expect("\(read[0])" == "9999-12-31T23:59:59.999Z")
      let request = #"{"name": "x", "scopes": ["read"], "expiresAt": "\#(text)"}"#
      #expect(throws: Rejection.self) { try JSON.decodeRequest(NewToken.self, from: Data(request.utf8)) }
    }
  }

  @Test func instantsAreCoded() throws {
    let instant = Instant(milliseconds: 1_795_508_130_250)
    let json = try JSON.encode([instant])
    #expect(String(decoding: json, as: UTF8.self) == "[\"2026-11-24T08:15:30.250Z\"]")
    #expect(try JSON.decode([Instant].self, from: json) == [instant])
    for (text, milliseconds) in [
      ("2026-11-24T08:15:30Z", 1_795_508_130_000), ("2026-11-24T08:15:30.5Z", 1_795_508_130_500),
      ("2026-11-24T08:15:30.250999Z", 1_795_508_130_250),
    ] as [(String, Int64)] {
      #expect(
        try JSON.decode([Instant].self, from: Data("[\"\(text)\"]".utf8)) == [
          Instant(milliseconds: milliseconds)
        ])
    }
    for text in [
      "2026-11-24T08:15:30", "2026-11-24T08:15:30.Z", "2026-11-24T08:15:30,5Z", "2026-11-24T08x15:30Z",
      "2026-11-24T08:15:30.1234567890Z", "2026-11-24 08:15:30Z", "2026-11-24T08:15:30+00:00", "",
    ] {
      #expect(throws: (any Error).self, "\(text)") {
        try JSON.decode([Instant].self, from: Data("[\"\(text)\"]".utf8))
      }
    }
    for text in [
      "2026-11-24T25:15:30.250Z", "2026-11-24T+8:15:30.250Z",
      "2026-11-24T08:15:30.+50Z",
      // A leap second would be an instant of the next minute, and here of the year 10000.
      "2016-12-31T23:59:60Z", "9999-12-31T23:59:60Z",
      // Before the first year, and offsets, which could cross the last one.
      "0000-01-01T00:00:00Z", "1899-12-31T23:59:59Z", "9999-12-31T23:59:59-01:00", "-001-01-01T00:00:00Z",
    ] {
      #expect(throws: (any Error).self, "\(text)") {
        try JSON.decode([Instant].self, from: Data("[\"\(text)\"]".utf8))
      }
    }
  }
}
