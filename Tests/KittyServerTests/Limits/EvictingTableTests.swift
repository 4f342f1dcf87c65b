import KittyShared
import Redis
import Testing

@testable import KittyServer

struct EvictingTableTests {
  @Test func tableFindsItsEntries() {
    var table = EvictingTable<Int>(capacity: 64)
    for key in 0..<8 { table.update(key, or: 0, weight: { $0 }) { $0 = key * 10 } }
    #expect((0..<8).allSatisfy { table[$0] == $0 * 10 })
    table.update(3) { $0 += 1 }
    table.remove(4)
    #expect(table[3] == 31 && table[4] == nil && table[99] == nil)
    #expect(table.update(4, or: 7, weight: { $0 }) { $0 } == 7)
  }

  @Test func fullTableKeepsHeaviestEntries() {
    var table = EvictingTable<Int>(capacity: 1024)
    let busy = "busy".hashValue
    table.update(busy, or: 0, weight: { $0 }) { $0 = 1000 }
    for number in 0..<100_000 {
      table.update("sender \(number)".hashValue, or: 0, weight: { $0 }) { $0 += 1 }
    }
    #expect(table.count <= 1024 && table[busy] == 1000)
    // Nearly the whole capacity is used.
    #expect(table.count > 1000)
  }
}
