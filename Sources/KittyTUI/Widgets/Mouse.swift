/// A report of the mouse: what was done, and the cell under the pointer.
struct Mouse: Hashable, Sendable {
  enum Act: Hashable, Sendable {
    /// The left button was pressed.
    case press
    case wheelUp, wheelDown
  }

  let act: Act
  let row: Int
  let column: Int

  /// Reads the parameters of a report in the format of SGR, such as `0;12;5` for the left button in column 12 of row 5.
  /// `nil` for what the client does not use: other buttons, releases, movements.
  init?(parameters: some StringProtocol, isRelease: Bool) {
    let numbers = parameters.split(separator: ";", omittingEmptySubsequences: false).map { Int($0) }
    guard !isRelease, numbers.count == 3, let code = numbers[0], let column = numbers[1],
      let row = numbers[2],
      column > 0, row > 0
    else { return nil }
    switch code {
    case 0: act = .press
    case 64: act = .wheelUp
    case 65: act = .wheelDown
    default: return nil
    }
    (self.row, self.column) = (row - 1, column - 1)
  }

  init(_ act: Act, row: Int, column: Int) {
    (self.act, self.row, self.column) = (act, row, column)
  }
}

/// A rectangle that the mouse can click.
struct ClickTarget: Hashable, Sendable {
  enum Effect: Hashable, Sendable {
    /// A row of the list in use: so many lines below the selected one.
    case line(offset: Int)
    /// A list that is not in use.
    case otherList
    /// A line of a form.
    case field(isHere: Bool)
    /// The name of a key in the footer or in a question.
    case key(Key)
  }

  var rows: Range<Int>
  var columns: Range<Int>
  let effect: Effect

  func contains(row: Int, column: Int) -> Bool { rows.contains(row) && columns.contains(column) }
}
