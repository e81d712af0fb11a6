//! What happens to my other samples, and what am I told, when something is wrong?

mod changes;
mod definitions;
mod dissipation;
mod files;
mod interruptions;
mod maps;
mod places;
mod spectra;
