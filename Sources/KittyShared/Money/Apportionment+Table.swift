extension Apportionment {
  /// Divides each column among the rows, in proportion to the sums of the rows. Rows and columns add up exactly, and
  /// each cell is within one unit of its exact fraction `row * column / total`.
  ///
  /// Such a table always exists (source: M. Bacharach, "Matrix Rounding Problems", Management Science, 1966). Each cell
  /// gets its whole units. The units left over in a column go to the rows that are furthest behind up to there. Where a
  /// row ends with a unit too many, units move along a chain of columns to a row that misses one. O(cells), and for each
  /// such move O(cells) again.
  /// - Parameters:
  ///   - rows: The sum of each row, zero or more.
  ///   - columns: The sum of each column, zero or more. Both lists have the same total.
  /// - Returns: The cells of each column, in the order of the rows.
  package static func table(rows: [Int64], columns: [Int64]) -> [[Int64]] {
    var table = Table(rows: rows)
    for column in columns { table.append(column) }
    table.balance()
    return table.columns.map { $0.map(\.units) }
  }

  private struct Table {
    struct Cell {
      var units: Int64
      /// True if the exact fraction is not whole: the cell may have one unit more than its whole units.
      let isFraction: Bool
      /// True if it has that unit.
      var isRaised = false
    }

    let rows: [Int64]
    let total: Int128
    var columns: [[Cell]] = []
    /// The exact sum of each row up to the last column, less what its cells have: in units divided by `total`.
    var behind: [Int128]

    init(rows: [Int64]) {
      self.rows = rows
      total = rows.reduce(0) { $0 + Int128($1) }
      behind = rows.map { _ in 0 }
    }

    /// Adds a column with this sum.
    mutating func append(_ sum: Int64) {
      var left = sum
      var cells: [Cell] = []
      for row in rows.indices {
        let (units, remainder) =
          total == 0 ? (0, 0) : (Int128(rows[row]) * Int128(sum)).quotientAndRemainder(dividingBy: total)
        cells.append(Cell(units: Int64(units), isFraction: remainder > 0))
        behind[row] += remainder
        left -= Int64(units)
      }
      let fractions = cells.indices.filter { cells[$0].isFraction }
      for row in fractions.sorted(by: { (behind[$1], $0) < (behind[$0], $1) }).prefix(Int(left)) {
        cells[row].units += 1
        cells[row].isRaised = true
        behind[row] -= total
      }
      columns.append(cells)
    }

    /// Moves units between the rows until each has its sum. At the end a row is whole units behind or ahead.
    mutating func balance() {
      while let row = behind.firstIndex(where: { $0 < 0 }), moveUnit(from: row) {}
    }

    /// Moves a unit from a row to any row that is behind.
    private mutating func moveUnit(from start: Int) -> Bool {
      // The rows that a unit can reach, each with the row and the column from which it does.
      var reached: [Int: (row: Int, column: Int)] = [:]
      var isUsed = columns.map { _ in false }
      var queue = [start]
      var next = 0
      while next < queue.count {
        let row = queue[next]
        next += 1
        for column in columns.indices where !isUsed[column] && columns[column][row].isRaised {
          isUsed[column] = true
          for other in rows.indices where other != start && reached[other] == nil {
            let cell = columns[column][other]
            guard cell.isFraction, !cell.isRaised else { continue }
            reached[other] = (row, column)
            queue.append(other)
            guard behind[other] > 0 else { continue }
            move(to: other, from: start, reached)
            return true
          }
        }
      }
      return false
    }

    private mutating func move(to end: Int, from start: Int, _ reached: [Int: (row: Int, column: Int)]) {
      behind[start] += total
      behind[end] -= total
      var row = end
      while row != start, let (before, column) = reached[row] {
        columns[column][row].units += 1
        columns[column][row].isRaised = true
        columns[column][before].units -= 1
        columns[column][before].isRaised = false
        row = before
      }
    }
  }
}
