import KittyShared
import TestSupport
import Testing

struct ApportionmentTableTests {
  /// Random sums of `count` parts that add up to `total`.
  private func cut(_ total: Int64, into count: Int, _ random: inout Seeded) -> [Int64] {
    let cuts = (1..<count).map { _ in Int64.random(in: 0...total, using: &random) }.sorted()
    return zip(cuts + [total], [0] + cuts).map { $0 - $1 }.shuffled(using: &random)
  }

  @Test(arguments: [1, 3, 20, 1000, 1_000_000_000_000] as [Int64])
  func cellsAddUpAndAreWithinOneUnit(most: Int64) {
    var random = Seeded(UInt64(most))
    for _ in 0..<1000 {
      let rows = (0..<Int.random(in: 1...8, using: &random)).map { _ in
        Int64.random(in: 0...most, using: &random)
      }
      let total = rows.reduce(0, +)
      let columns = cut(total, into: .random(in: 1...12, using: &random), &random)
      let table = Apportionment.table(rows: rows, columns: columns)
      #expect(table.map { $0.reduce(0, +) } == columns)
      for row in rows.indices {
        #expect(table.reduce(0) { $0 + $1[row] } == rows[row], "\(rows) \(columns) \(table)")
        for column in columns.indices where total > 0 {
          let exact = Int128(rows[row]) * Int128(columns[column])
          let error = exact - Int128(table[column][row]) * Int128(total)
          #expect(error.magnitude < total.magnitude, "\(rows) \(columns) \(table)")
        }
      }
    }
  }

  @Test func roundingDoesNotPileUpOnTheLastColumn() {
    // 3.00 and 1.90 were paid; a hundred members bear 0.01, and the last one the rest.
    let table = Apportionment.table(rows: [300, 190], columns: Array(repeating: 1, count: 100) + [390])
    #expect([[239, 151], [238, 152]].contains(table.last))
  }
}
