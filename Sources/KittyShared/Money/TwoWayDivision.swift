/// Division of an amount by rows and by columns at the same time.
package enum TwoWayDivision {
  /// Returns a table of whole units whose rows and columns have the given sums, as near to the weights as these allow: each
  /// cell begins with the whole part of its exact value, and the units that are left go to the largest fractions in a row
  /// and a column that both miss one.
  /// - Parameters:
  ///   - rows: The sums of the rows, all of one sign.
  ///   - columns: The sums of the columns, with the same total.
  ///   - weights: The weights of the cells.
  package static func table(rows: [Int64], columns: [Int64], weights: [[UInt128]]) -> [[Int64]] {
    let total = UInt128(rows.reduce(0, +).magnitude)
    let sign: Int64 = rows.contains { $0 < 0 } || columns.contains { $0 < 0 } ? -1 : 1
    let whole = weights.reduce(0) { $0 + $1.reduce(0, +) }
    var table = rows.map { _ in columns.map { _ in Int64(0) } }
    var (rowRest, columnRest) = (rows.map { Int64($0.magnitude) }, columns.map { Int64($0.magnitude) })
    var fractions: [(fraction: UInt128, row: Int, column: Int)] = []
    if whole > 0 {
      for row in weights.indices {
        for column in weights[row].indices where weights[row][column] > 0 {
          let (quotient, fraction) = whole.dividingFullWidth(
            total.multipliedFullWidth(by: weights[row][column]))
          let units = min(Int64(clamping: quotient), rowRest[row], columnRest[column])
          table[row][column] = units
          rowRest[row] -= units
          columnRest[column] -= units
          fractions.append((fraction, row, column))
        }
      }
    }
    fractions.sort { ($1.fraction, $0.row, $0.column) < ($0.fraction, $1.row, $1.column) }
    for (_, row, column) in fractions where rowRest[row] > 0 && columnRest[column] > 0 {
      table[row][column] += 1
      rowRest[row] -= 1
      columnRest[column] -= 1
    }
    // What is left has no cell with a weight of its own: both sums count more than a unit.
    for row in rows.indices {
      for column in columns.indices where rowRest[row] > 0 && columnRest[column] > 0 {
        let units = min(rowRest[row], columnRest[column])
        table[row][column] += units
        rowRest[row] -= units
        columnRest[column] -= units
      }
    }
    return table.map { $0.map { $0 * sign } }
  }
}
