//! What volumes will cost, before anything is computed: memory for the thickest block that a stage needs, and time.

use super::load::open_input;
use super::plan::{Plan, Target};
use crate::reduce::{Drive, ReduceError};
use crate::stage::Instance;

/// The stages of one sample on one volume.
#[derive(Clone, Debug, PartialEq)]
pub struct Estimate {
    /// The sample.
    pub sample: String,
    /// The input that the volume comes from.
    pub role: String,
    /// Voxels along z, y and x.
    pub shape: [usize; 3],
    /// Stages that go through it.
    pub stages: usize,
    /// Whether it is kept in memory.
    pub held: bool,
    /// Planes of a block, where it is not.
    pub planes: usize,
    /// Time on two cores of today, s.
    pub seconds: f64,
}

/// Part of the memory that a volume may take to be kept in it.
pub(super) const KEPT: u64 = 4;

/// The volume that a stage goes through: its role, voxels and their steps.
type Known = (String, [usize; 3], Option<[f64; 3]>);

/// Of every volume of a plan.
///
/// # Errors
/// What a stage needs where the memory is too small for its thinnest block.
pub fn estimates(plan: &Plan, memory: u64) -> Result<Vec<Estimate>, String> {
    let mut out = Vec::new();
    for sample in &plan.definition.samples {
        // The volume that each stage goes through: the role and the shape.
        let mut of_stage: Vec<Option<Known>> = vec![None; plan.stages.len()];
        for index in &plan.order {
            let stage = &plan.stages[*index];
            let Instance::Sample(instance) = &stage.def.instance else { continue };
            let found = stage.inputs.iter().find_map(|r| match &r.target {
                Target::Role(role) => {
                    let (_, input) = sample.inputs.iter().find(|(name, _)| name == role)?;
                    let (shape, voxel) =
                        open_input(input, &plan.folder, plan.registry.readers()).ok()?.volume(input)?;
                    Some((role.clone(), shape, voxel))
                }
                Target::Stage(s, _) => of_stage[*s].clone(),
                Target::Metrics(_) => None,
            });
            let Some((role, shape, voxel)) = found else { continue };
            let cost = instance.volume_cost(shape, voxel);
            let voxels = shape.iter().map(|n| *n as u64).product::<u64>();
            let held = voxels.saturating_mul(8) <= memory / KEPT;
            let drive = Drive { memory, ..Drive::simple() };
            let planes = match drive.thickness(shape, [0, cost.halo]) {
                Ok(planes) => planes.min(shape[0]),
                Err(_) if held => shape[0],
                Err(e @ ReduceError::Budget { .. }) => {
                    return Err(format!("{}: {}: {e}", sample.id, stage.def.name));
                }
                Err(e) => return Err(e.to_string()),
            };
            let seconds = cost.nanoseconds * 1e-9 * voxels as f64 + cost.seconds;
            let known = out.iter_mut().find(|e: &&mut Estimate| e.sample == sample.id && e.role == role);
            match known {
                Some(e) => {
                    e.stages += 1;
                    e.planes = e.planes.min(planes);
                    e.seconds += seconds;
                }
                None => out.push(Estimate {
                    sample: sample.id.clone(),
                    role: role.clone(),
                    shape,
                    stages: 1,
                    held,
                    planes,
                    seconds,
                }),
            }
            // Tables of regions lead to no volume; labels have the shape of theirs.
            if stage.doc().outputs.iter().any(|o| o.kind == crate::data::Kind::Labels) {
                of_stage[*index] = Some((role, shape, voxel));
            }
        }
    }
    Ok(out)
}

impl std::fmt::Display for Estimate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let [z, y, x] = self.shape;
        let how = match self.held {
            true => "kept in memory".to_string(),
            false => format!("read in blocks of {} planes within the memory allowed", self.planes),
        };
        let time = match self.seconds {
            s if s < 90.0 => format!("{s:.0} s"),
            s if s < 5400.0 => format!("{:.0} min", s / 60.0),
            s => format!("{:.1} h", s / 3600.0),
        };
        let Estimate { sample, role, stages, .. } = self;
        write!(f, "{sample}: {role}: {z} × {y} × {x} voxels, {how}; {stages} stages, about {time} on two cores")
    }
}
