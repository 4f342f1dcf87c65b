import Foundation
import Testing

@testable import KittyShared

/// The expenses that a group file refunds, found in its text.
struct RefundedExpensesTests {
  private static let first = ID("01a2046b-4c00-7e43-8b5c-1d2e3f4a5b6c")!
  private static let second = ID("01a2046b-4c00-7e43-8b5c-1d2e3f4a5b6d")!

  @Test func idsAreFoundWhereverThePiecesEnd() {
    let text =
      #"{"refundOf":"\#(Self.first)","note":"\"refundOf\": \"01a2046b-4c00-7e43-8b5c-1d2e3f4a5b60\"","#
      + #""refundOf" : 7, "refundOf":"x", "refundOf":"\#(Self.first)\#(Self.second)", ""refundOf"  : "\#(Self.second)"}"#
    for size in 1...60 {
      var found = RefundedExpenses()
      let bytes = Array(text.utf8)
      for start in stride(from: 0, to: bytes.count, by: size) {
        found.read(Array(bytes[start..<min(start + size, bytes.count)]))
      }
      #expect(found.ids == [Self.first, Self.second], "\(size)")
    }
  }
}
