import Testing

@testable import KittyServer

/// Limits of bytes in words.
struct ByteWordsTests {
  @Test(arguments: [
    (20 << 20, "20 MiB"), (3_000_000, "2.8 MiB"), (1024, "1 KiB"), ((1 << 20) - 1, "1023 KiB"),
    (1 << 20, "1 MiB"),
    (1 << 30, "1024 MiB"), ((20 << 20) - 1, "19.9 MiB"),
  ])
  func limitIsNeverRoundedUp(bytes: Int, words: String) { #expect(bytes.asBytes == words) }
}
