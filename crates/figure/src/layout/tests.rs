use super::*;
use crate::plot::{Loss, Map, Quantity, loss::Curve, map::Range};
use softspot_data::unit::Unit;

fn map(rows: usize, columns: usize) -> Panel {
    let values = (0..rows * columns).map(|i| i as f64).collect();
    let mut map = Map::new(values, [rows, columns], [1e-9, 1e-9], Quantity::new("Height", Unit::of("m")));
    map.range = Range::Fixed(0.0, 50.0);
    map.draw().expect("sound map")
}

fn chart(points: Vec<[f64; 2]>) -> Panel {
    let curve = Curve { name: "Vit 105".into(), points, series: 0 };
    Loss { curves: vec![curve], log: false, notes: vec![] }.draw().expect("sound curve")
}

fn frames(panels: &[Panel], columns: usize) -> Frames {
    let total = Width::Double.points();
    let guess = Frames::guess(panels, columns, total);
    Frames::fit(panels, columns, total, &margins(panels, columns, &guess, true)).expect("room")
}

#[test]
fn frames_of_a_column_align_and_maps_of_a_row_share_height() {
    let line = vec![[0.5, 0.1], [1.0, 1.0]];
    let panels = vec![map(10, 10), map(10, 14), chart(line.clone()), chart(line)];
    let f = frames(&panels, 2);
    assert_eq!(f.rects[0].x, f.rects[2].x);
    assert_eq!(f.rects[1].right(), f.rects[3].right());
    assert_eq!(f.rects[0].height, f.rects[1].height);
    assert!(f.rects.iter().all(|r| r.x >= 0.0 && r.right() <= Width::Double.points()));
}

#[test]
fn same_axes_are_labelled_once() {
    let line = || chart(vec![[0.5, 0.1], [1.0, 1.0]]);
    let panels = vec![line(), line(), line(), line()];
    assert_eq!(labelled(&panels, 2, 0), (false, true));
    assert_eq!(labelled(&panels, 2, 3), (true, false));
}

#[test]
fn what_does_not_fit_is_said() {
    let tall: Vec<Panel> = (0..6).map(|_| map(20, 10)).collect();
    assert!(matches!(grid(tall, 1, Width::Double, true), Err(FigureError::TooHigh { .. })));
    let many: Vec<Panel> = (0..12).map(|_| map(10, 10)).collect();
    assert!(matches!(grid(many, 12, Width::Single, true), Err(FigureError::TooNarrow { .. })));
    assert!(matches!(grid(vec![], 1, Width::Single, true), Err(FigureError::Empty(_))));
    assert!(grid(vec![map(3, 3)], 1, Width::Millimetres(f64::NAN), true).is_err());
}

#[test]
fn letters_go_on_after_z() {
    assert_eq!([0, 25, 26, 27].map(letter), ["a", "z", "aa", "ab"]);
}

#[test]
fn a_common_legend_is_set_once() {
    let keyed =
        || chart(vec![[0.5, 0.1], [1.0, 1.0]]).with_legend_below(vec![Note::plain("model"), Note::plain("data")]);
    let height = |panels| grid(panels, 2, Width::Double, true).expect("room").height;
    let one = height(vec![keyed(), chart(vec![[0.5, 0.1], [1.0, 1.0]])]);
    let scene = grid(vec![keyed(), keyed()], 2, Width::Double, true).expect("room");
    let said = scene.items.iter().filter(|i| matches!(i, Item::Text(t) if t.markup == "model")).count();
    assert_eq!((said, scene.height), (1, one));
}
