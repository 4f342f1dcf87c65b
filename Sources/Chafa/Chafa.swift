import CChafa

/// Draws pictures as characters with libchafa.
package enum Chafa {
  /// One character of a drawn picture.
  package struct Cell: Sendable {
    package let character: Character
    /// A colour from the palette of 256; -1 for the default of the terminal.
    package let foreground: Int
    package let background: Int
  }

  /// Draws a picture into a box of cells, as large as its proportions allow.
  /// - Parameters:
  ///   - pixels: Red, green and blue, one byte each, row by row.
  ///   - size: Width and height of the picture in pixels.
  ///   - columns: The columns of the box.
  ///   - rows: The rows of the box.
  ///   - hasColours: `false` for characters without colours.
  /// - Returns: The rows of cells; no rows if the picture does not fit.
  package static func cells(
    of pixels: [UInt8], size: (width: Int, height: Int), columns: Int, rows: Int, hasColours: Bool
  ) -> [[Cell]] {
    precondition(pixels.count == size.width * size.height * 3)
    var (width, height) = (gint(columns), gint(rows))
    // A cell is about twice as high as it is wide.
    chafa_calc_canvas_geometry(gint(size.width), gint(size.height), &width, &height, 0.5, 0, 0)
    guard width > 0, height > 0, Int(width) <= columns, Int(height) <= rows else { return [] }
    let symbols = chafa_symbol_map_new()
    let configuration = chafa_canvas_config_new()
    defer {
      chafa_symbol_map_unref(symbols)
      chafa_canvas_config_unref(configuration)
    }
    let tags =
      hasColours
      ? CHAFA_SYMBOL_TAG_HALF.rawValue | CHAFA_SYMBOL_TAG_QUAD.rawValue | CHAFA_SYMBOL_TAG_SPACE.rawValue
      : CHAFA_SYMBOL_TAG_BLOCK.rawValue | CHAFA_SYMBOL_TAG_SPACE.rawValue
    chafa_symbol_map_add_by_tags(symbols, ChafaSymbolTags(rawValue: tags))
    chafa_canvas_config_set_symbol_map(configuration, symbols)
    chafa_canvas_config_set_geometry(configuration, width, height)
    chafa_canvas_config_set_canvas_mode(
      configuration, hasColours ? CHAFA_CANVAS_MODE_INDEXED_240 : CHAFA_CANVAS_MODE_FGBG)
    let canvas = chafa_canvas_new(configuration)
    defer { chafa_canvas_unref(canvas) }
    pixels.withUnsafeBufferPointer { pixels in
      chafa_canvas_draw_all_pixels(
        canvas, CHAFA_PIXEL_RGB8, pixels.baseAddress, gint(size.width), gint(size.height),
        gint(size.width * 3))
    }
    return (0..<height).map { row in
      (0..<width).map { column in
        let code = chafa_canvas_get_char_at(canvas, column, row)
        var (foreground, background) = (gint(-1), gint(-1))
        chafa_canvas_get_raw_colors_at(canvas, column, row, &foreground, &background)
        return Cell(
          character: Unicode.Scalar(code).map(Character.init) ?? " ", foreground: Int(foreground),
          background: Int(background))
      }
    }
  }

  /// Draws a picture as sixels, which fill a box of cells.
  /// - Parameters:
  ///   - pixels: Red, green and blue, one byte each, row by row.
  ///   - size: Width and height of the picture in pixels.
  ///   - cell: Width and height of a cell in pixels.
  /// - Returns: The sequence for the terminal.
  package static func sixels(
    of pixels: [UInt8], size: (width: Int, height: Int), columns: Int, rows: Int,
    cell: (width: Int, height: Int)
  ) -> [UInt8] {
    precondition(pixels.count == size.width * size.height * 3)
    let configuration = chafa_canvas_config_new()
    defer { chafa_canvas_config_unref(configuration) }
    chafa_canvas_config_set_geometry(configuration, gint(columns), gint(rows))
    chafa_canvas_config_set_cell_geometry(configuration, gint(cell.width), gint(cell.height))
    chafa_canvas_config_set_pixel_mode(configuration, CHAFA_PIXEL_MODE_SIXELS)
    chafa_canvas_config_set_canvas_mode(configuration, CHAFA_CANVAS_MODE_TRUECOLOR)
    let canvas = chafa_canvas_new(configuration)
    defer { chafa_canvas_unref(canvas) }
    pixels.withUnsafeBufferPointer { pixels in
      chafa_canvas_draw_all_pixels(
        canvas, CHAFA_PIXEL_RGB8, pixels.baseAddress, gint(size.width), gint(size.height),
        gint(size.width * 3))
    }
    let terminal = chafa_term_db_get_fallback_info(chafa_term_db_get_default())
    defer { chafa_term_info_unref(terminal) }
    guard let text = chafa_canvas_print(canvas, terminal) else { return [] }
    defer { g_string_free(text, 1) }
    return Array(UnsafeRawBufferPointer(start: text.pointee.str, count: Int(text.pointee.len)))
  }
}
