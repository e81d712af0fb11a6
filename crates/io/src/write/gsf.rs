//! Gwyddion Simple Field out.

use softspot_data::Map;

/// A map as GSF bytes: 32-bit floats, SI, invalid pixels as NaN.
pub fn gsf(map: &Map) -> Vec<u8> {
    let [rows, columns] = map.shape();
    let mut head = format!("Gwyddion Simple Field 1.0\nXRes = {columns}\nYRes = {rows}\n");
    if let Some([dy, dx]) = map.pixel {
        head += &format!("XReal = {:e}\nYReal = {:e}\nXYUnits = m\n", dx * columns as f64, dy * rows as f64);
    }
    // The format allows no empty lines and no `=` in a title.
    let title: String = map.quantity.chars().map(|c| if c == '\n' || c == '=' { ' ' } else { c }).collect();
    head += &format!("ZUnits = {}\nTitle = {title}\n", map.unit.si_symbol());
    let mut out = head.into_bytes();
    out.resize((out.len() / 4 + 1) * 4, 0);
    out.extend(map.values.iter().flat_map(|v| (*v as f32).to_le_bytes()));
    out
}
