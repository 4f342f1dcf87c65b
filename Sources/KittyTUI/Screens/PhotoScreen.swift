import KittyShared

/// A photo drawn in cells, and a field to upload another one.
struct PhotoScreen: Screen {
  private let target: PhotoTarget
  let title: SafeText
  private(set) var path = TextField(limit: 4096)
  private(set) var isChoosing: Bool
  private(set) var completion = PathCompletion()
  private(set) var error: SafeText = ""
  private(set) var progress: (sent: Int64, total: Int64)?
  private(set) var photo: Photo?
  private(set) var preview: Preview?
  private var isLoaded = false
  /// The reason why the photo cannot be changed.
  private let refusal: SafeText?
  /// `false` where the user has no files on this machine: then a picture comes to an address.
  private let hasFiles: Bool

  init(
    _ target: PhotoTarget, title: SafeText, has photo: Photo? = nil, refusal: SafeText? = nil,
    hasFiles: Bool = true
  ) {
    self.target = target
    self.hasFiles = hasFiles
    self.title = title
    self.photo = photo
    self.refusal = refusal
    // Without a photo the screen opens with the field.
    isChoosing = photo == nil && target != .me && refusal == nil && hasFiles
  }

  /// The photo of a group.
  init(of group: Group, hasFiles: Bool) {
    self.init(
      .group(group.id), title: "Photo", has: group.photo, refusal: group.refusal(of: .enter),
      hasFiles: hasFiles)
  }

  var refresh: [Effect] { preview == nil && !isLoaded && !isUploading ? [.loadPreview(target)] : [] }
  var isEditing: Bool { isChoosing }
  private var isUploading: Bool { progress != nil }

  var bindings: [Binding] {
    if isUploading {
      return [Binding([.escape], "Esc", "cancel the upload", .back, footer: "stop")]
    }
    if isChoosing {
      return [
        Binding([.enter], "Enter", "send the file", .submit, footer: "send"),
        Binding([.tab], "Tab", "complete the path", .complete, footer: "complete"),
        Binding([.escape], "Esc", "back", .back, footer: "back"),
      ] + FormFields.editing
    }
    var choosing = Binding(
      [.character("c"), .enter], "c Enter",
      hasFiles ? "choose a picture on this machine" : "send a picture from another machine", .photo,
      footer: "choose a picture")
    var removing = Binding(
      [.character("d"), .delete], "d Del", "take the photo away", .remove,
      footer: preview == nil ? "" : "take it away")
    choosing.refusal = refusal
    removing.refusal = refusal ?? (isLoaded && preview == nil ? "There is no photo to take away." : nil)
    return [choosing, removing] + Binding.leaving
  }

  mutating func edit(_ key: Key, _ context: Context) -> Bool {
    guard !isUploading else { return false }
    var key = key
    if case .paste(let text) = key { key = .paste(PhotoFile.cleaned(text)) }
    guard path.edit(key) else { return false }
    error = ""
    completion.clear()
    return true
  }

  mutating func perform(_ command: Command, _ context: Context) -> [Action] {
    switch command {
    case .photo where !hasFiles: return [.push(UploadScreen(.photo(target)))]
    case .photo: isChoosing = true
    case .remove:
      return [.confirm("Take the photo away? \(whose) has none then.", [.run(.removePhoto(target))])]
    case .complete:
      if path.text.isEmpty, let folder = context.pictureFolder { path.set(folder) }
      return [.run(.complete(path: path.text))]
    case .submit:
      guard !path.text.isEmpty, !context.isWriting else { break }
      error = ""
      completion.clear()
      progress = (0, 0)
      return [.run(.upload(target, path: path.text))]
    case .back where isUploading: return [.run(.cancel)]
    case .back where isChoosing && photo != nil:
      isChoosing = false
      error = ""
      return [.toast("The photo is unchanged.")]
    default: break
    }
    return []
  }

  mutating func receive(_ message: Message, _ context: Context) -> [Action] {
    switch message {
    case .preview(target, let preview):
      self.preview = preview
      isLoaded = true
      if preview == nil, refusal == nil, hasFiles { isChoosing = true }
    case .photoRemoved(target):
      photo = nil
      preview = nil
      isLoaded = true
      return [.toast("The photo is gone.")]
    case .failed(.removePhoto(target), let failure):
      return [.toast(SafeText(failure.message("The photo is still there.")))]
    case .progress(let sent, let total) where isUploading: progress = (sent, total)
    case .uploaded(target, let photo):
      progress = nil
      self.photo = photo
      preview = nil
      isLoaded = false
      isChoosing = false
      path.set("")
      return [
        .run(.loadPreview(target)),
        .toast("Uploaded. Location and other metadata were removed."),
      ]
    case .failed(.upload(target, _), let failure):
      let isAllSent = progress.map { $0.total > 0 && $0.sent >= $0.total } ?? false
      progress = nil
      // A completely sent photo may have been saved although there was no response.
      if isAllSent, failure.mayComeAfterSending {
        error = "\(failure.message) The photo may have been changed: check before you try again."
      } else {
        error =
          failure == .cancelled
          ? "Stopped. Nothing was changed." : SafeText(failure.message("Not sent."))
      }
    case .refused(let why):
      progress = nil
      error = SafeText(why)
    case .completions(let paths): complete(paths)
    default: break
    }
    return []
  }

  /// The owner of the photo, at the start of a sentence.
  private var whose: SafeText { target == .me ? "Your account" : "The group" }

  private mutating func complete(_ paths: [String]) {
    guard let text = completion.complete(path.text, paths) else {
      error = "No picture or folder begins with this path."
      return
    }
    path.set(text)
  }

  func view(into canvas: inout Canvas, rows: Range<Int>, _ context: Context) {
    let width = context.width
    var row = rows.lowerBound
    if let progress {
      drawProgress(progress, row: row, width, &canvas)
      return
    }
    guard isChoosing else {
      drawPhoto(into: &canvas, rows: rows, context)
      return
    }
    canvas.draw("File", row: row, column: 0, style: .bold)
    path.view(into: &canvas, row: row, column: 5, width: width - 6, isActive: true)
    row += 1
    for line in error.wrapped(to: max(10, width - 2)) where !error.string.isEmpty {
      canvas.draw(line, row: row, column: 0, style: .error)
      row += 1
    }
    if completion.choices.isEmpty {
      let words: SafeText =
        "A JPEG, PNG, WebP, GIF, HEIC or AVIF on the machine where this program runs. Tab completes, or drop the file here."
      for line in words.wrapped(to: max(10, width - 2)) {
        canvas.draw(line, row: row, column: 0, style: .muted)
        row += 1
      }
      return
    }
    for choice in completion.choices.prefix(max(0, rows.upperBound - row - 1)) {
      canvas.draw(SafeText(choice), row: row, column: 5, width: width - 6)
      row += 1
    }
    if completion.choices.count > rows.upperBound - row {
      canvas.draw("\(completion.choices.count) in all", row: row, column: 5, style: .muted)
    }
  }

  private func drawProgress(
    _ progress: (sent: Int64, total: Int64), row: Int, _ width: Int, _ canvas: inout Canvas
  ) {
    let (sent, total) = progress
    canvas.draw(
      total > 0 && sent >= total ? "Sent. The server is processing the photo…" : "Sending the photo…",
      row: row,
      column: 0, style: .bold)
    let bar = max(4, min(50, width - 2))
    let filled = total > 0 ? max(0, min(bar, Int(sent * Int64(bar) / total))) : 0
    canvas.draw(
      "[\(String(repeating: "█", count: filled))\(String(repeating: "░", count: max(0, bar - filled)))]",
      row: row + 1, column: 0)
    canvas.draw("\(sent / 1024) of \(total / 1024) KiB", row: row + 2, column: 0, style: .muted)
    canvas.placeCursor(row: row, column: 0)
  }

  private func drawPhoto(into canvas: inout Canvas, rows: Range<Int>, _ context: Context) {
    canvas.placeCursor(row: rows.lowerBound, column: 0)
    guard let preview else {
      canvas.draw(
        isLoaded
          ? "No photo yet.\(refusal == nil ? " Press \(key: .photo, "c") to choose one." : "" as SafeText)"
          : "Loading the photo…",
        row: rows.lowerBound,
        column: 0, style: .muted)
      return
    }
    let height = Self.draw(preview, into: &canvas, rows: rows, context)
    let size: SafeText = photo.map { "\($0.width) × \($0.height) pixels. " } ?? ""
    canvas.draw(
      "\(size)Location and other metadata removed.",
      row: min(rows.upperBound - 1, rows.lowerBound + height),
      column: 0, width: context.width, style: .muted)
  }

  /// Draws a photo, in pixels or in cells.
  /// - Returns: The number of its rows.
  static func draw(
    _ preview: Preview, into canvas: inout Canvas, rows: Range<Int>, _ context: Context
  ) -> Int {
    if context.drawsPictures {
      let picture = Picture(
        preview, row: rows.lowerBound, column: 0, boxWidth: context.width, boxHeight: rows.count - 1)
      canvas.place(picture)
      return picture?.height ?? 0
    }
    let cells = PhotoCells.cells(
      of: preview, width: context.width, height: max(0, rows.count - 1), palette: context.palette)
    for (row, line) in cells.enumerated() {
      for (column, cell) in line.enumerated() {
        canvas.draw(cell, row: rows.lowerBound + row, column: column)
      }
    }
    return cells.count
  }
}
