import KittyShared
import Testing

@testable import KittyTUI

/// The receipts of an entry in the client.
struct ReceiptScreenTests {
  private let group = Fixtures.group().id

  static let bill = Receipt(
    number: 1, name: "bill.pdf", type: .pdf, bytes: 48_213, hash: String(repeating: "a", count: 64))
  static let photo = Receipt(
    number: 3, name: "café.jpg", type: .jpeg, bytes: 900, hash: String(repeating: "b", count: 64))

  static func entry(_ receipts: [Receipt]?) -> Entry {
    let old = Fixtures.expenses[0]
    var content = old.content
    content.receipts = receipts
    return Entry(
      id: old.id, number: old.number, content: content, createdBy: old.createdBy, createdAt: old.createdAt,
      changedAt: old.changedAt, deletedAt: nil, commentCount: 0, version: receipts == nil ? 1 : 2)
  }

  static func open(_ receipts: [Receipt]? = [bill, photo]) -> AppState {
    var state = Fixtures.openGroup()
    state.press(.enter)
    state.get(.entry(EntryDetails(entry: entry(receipts), history: [], comments: [])))
    for effect in state.context.running { state.finish(effect) }
    state.type("R")
    return state
  }

  @Test func listHasNamesAndSizes() {
    let state = Self.open()
    #expect(state.top is ReceiptsScreen)
    for words in ["2 receipts.", "bill.pdf", "48 KiB", "café.jpg", "900 bytes"] {
      #expect(state.text.contains(words), "\(state.text)")
    }
    #expect(Self.open(nil).text.contains("No receipts yet."))
  }

  @Test func fileIsSentAndItsProgressShown() {
    var state = Self.open(nil)
    state.type("n")
    #expect(state.top is ReceiptForm, "\(state.text)")
    #expect(state.press(.enter).isEmpty && state.text.contains("Write the path"), "\(state.text)")
    state.type("/tmp/bi")
    #expect(state.press(.tab) == [.complete(path: "/tmp/bi", of: .receipt)])
    state.get(.completions(["/tmp/bill.pdf"]))
    let effect = Effect.addReceipt(group: group, Self.entry(nil), path: "/tmp/bill.pdf")
    #expect(state.press(.enter) == [effect])
    state.get(.progress(sent: 1024, total: 4096))
    #expect(state.text.contains("Sending: 1 of 4 KiB"), "\(state.text)")
    state.get(.stored(group: group, Self.entry([Self.bill])))
    state.get(.receiptAdded(group: group, entry: Self.entry(nil).id, 1))
    state.finish(effect)
    #expect(state.top is ReceiptsScreen && state.text.contains("bill.pdf"), "\(state.text)")
  }

  @Test func refusalIsShownInTheForm() {
    var state = Self.open(nil)
    state.type("n/tmp/x.txt")
    let effect = Effect.addReceipt(group: group, Self.entry(nil), path: "/tmp/x.txt")
    #expect(state.press(.enter) == [effect])
    state.get(.refused("This is not a PDF."))
    state.finish(effect)
    #expect(state.top is ReceiptForm && state.text.contains("This is not a PDF."), "\(state.text)")
  }

  @Test func receiptIsSavedAndRemoved() {
    var state = Self.open()
    state.type("s")
    #expect(state.text.contains("~/bill.pdf"), "\(state.text)")
    let id = Self.entry(nil).id
    let effect = Effect.saveReceipt(group: group, entry: id, 1, path: "~/bill.pdf", replaces: false)
    #expect(state.press(.enter) == [effect])
    state.get(.fileExists("~/bill.pdf"))
    state.finish(effect)
    let replacing = Effect.saveReceipt(group: group, entry: id, 1, path: "~/bill.pdf", replaces: true)
    #expect(state.press(.control("o")) == [replacing], "\(state.text)")
    state.get(.exported(path: "/home/anna/bill.pdf", bytes: 48_213))
    state.finish(replacing)
    #expect(state.top is ReceiptsScreen && state.text.contains("/home/anna/bill.pdf"), "\(state.text)")
    state.type("d")
    #expect(state.type("y") == [.removeReceipt(group: group, entry: id, 1)])
    state.get(.stored(group: group, Self.entry([Self.photo])))
    state.get(.receiptRemoved(group: group, entry: id, 1))
    #expect(!state.text.contains("bill.pdf"), "\(state.text)")
  }

  @Test func pictureIsDrawnAndAPDFIsNot() {
    var state = Self.open()
    state.press(.enter)
    #expect(state.top is ReceiptsScreen && state.text.contains("A PDF is not shown here."), "\(state.text)")
    state.press(.down)
    #expect(state.press(.enter) == [.loadReceipt(group: group, entry: Self.entry(nil).id, 3)])
    let pixels = [UInt8](repeating: 200, count: 8 * 8 * 3)
    state.get(
      .receipt(entry: Self.entry(nil).id, 3, Preview(ppm: Array("P6\n8 8\n255\n".utf8) + pixels)!))
    #expect(state.text.contains("900 bytes.") && state.top is ReceiptScreen, "\(state.text)")
  }

  @Test func detailNamesTheReceipts() {
    let state = Fixtures.openGroup()
    let text = EntryDetail(Self.entry([Self.bill, Self.photo]), nil, Fixtures.data, state.context)
      .sheet(width: 60).text
    #expect(text.contains("Receipts: bill.pdf, café.jpg"), "\(text)")
  }
}
