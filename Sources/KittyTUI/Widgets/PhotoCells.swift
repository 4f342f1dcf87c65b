import CChafa

/// A picture as characters and colours, drawn by libchafa. They are ordinary cells: they survive tmux,
/// resizing and whatever is drawn over them.
enum PhotoCells {
  /// How many colours there are to draw with.
  enum Palette: Hashable, Sendable { case colours256, monochrome }

  /// Draws the picture into a box of cells, as large as its proportions allow.
  /// - Returns: Rows of cells; none where nothing fits.
  static func cells(of preview: Preview, width: Int, height: Int, palette: Palette) -> [[Canvas.Cell]] {
    guard width > 0, height > 0 else { return [] }
    var (columns, rows) = (gint(min(width, 200)), gint(min(height, 100)))
    // A cell is about twice as high as it is wide.
    unsafe chafa_calc_canvas_geometry(gint(preview.width), gint(preview.height), &columns, &rows, 0.5, 0, 0)
    guard columns > 0, rows > 0, Int(columns) <= width, Int(rows) <= height else { return [] }
    let symbols = unsafe chafa_symbol_map_new()
    let configuration = unsafe chafa_canvas_config_new()
    defer {
      unsafe chafa_symbol_map_unref(symbols)
      unsafe chafa_canvas_config_unref(configuration)
    }
    let tags =
      palette == .monochrome
      ? CHAFA_SYMBOL_TAG_BLOCK.rawValue | CHAFA_SYMBOL_TAG_SPACE.rawValue
      : CHAFA_SYMBOL_TAG_HALF.rawValue | CHAFA_SYMBOL_TAG_QUAD.rawValue | CHAFA_SYMBOL_TAG_SPACE.rawValue
    unsafe chafa_symbol_map_add_by_tags(symbols, ChafaSymbolTags(rawValue: tags))
    unsafe chafa_canvas_config_set_symbol_map(configuration, symbols)
    unsafe chafa_canvas_config_set_geometry(configuration, columns, rows)
    unsafe chafa_canvas_config_set_canvas_mode(
      configuration,
      palette == .monochrome ? CHAFA_CANVAS_MODE_FGBG : CHAFA_CANVAS_MODE_INDEXED_240)
    let canvas = unsafe chafa_canvas_new(configuration)
    defer { unsafe chafa_canvas_unref(canvas) }
    unsafe preview.pixels.withUnsafeBufferPointer { pixels in
      unsafe chafa_canvas_draw_all_pixels(
        canvas, CHAFA_PIXEL_RGB8, pixels.baseAddress, gint(preview.width), gint(preview.height),
        gint(preview.width * 3))
    }
    return (0..<rows).map { row in
      (0..<columns).map { column in
        let code = unsafe chafa_canvas_get_char_at(canvas, column, row)
        var (foreground, background) = (gint(-1), gint(-1))
        unsafe chafa_canvas_get_raw_colors_at(canvas, column, row, &foreground, &background)
        let character = Unicode.Scalar(code).map(Character.init) ?? " "
        guard palette == .colours256 else { return Canvas.Cell(character: character) }
        return Canvas.Cell(
          character: character,
          style: .picture(
            foreground: Int16(clamping: foreground), background: Int16(clamping: background)))
      }
    }
  }
}
