//! Codecs that the crate does not have, or has without a bound on what a chunk unfolds to: LZ4 and bzip2 of numcodecs.

use std::borrow::Cow;
use std::io::Read;
use std::sync::{Arc, Once};

use zarrs::array::codec::api::{
    ArrayBytesRaw, BytesRepresentation, BytesToBytesCodecTraits, Codec, CodecError, CodecMetadataOptions, CodecOptions,
    CodecRuntimePluginV2, CodecRuntimePluginV3, CodecTraits, PartialDecoderCapability, PartialEncoderCapability,
    RecommendedConcurrency, register_codec_v2, register_codec_v3,
};
use zarrs::metadata::Configuration;
use zarrs::plugin::{ExtensionName, ZarrVersion};

/// Bytes of a chunk whose size no one says.
const MOST: usize = 1 << 30;

/// A codec that is only read.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Packed {
    Lz4,
    Bzip2,
}

impl Packed {
    const ALL: [Packed; 2] = [Packed::Lz4, Packed::Bzip2];

    /// Its name in version 2; version 3 puts `numcodecs.` before it.
    fn id(self) -> &'static str {
        match self {
            Packed::Lz4 => "lz4",
            Packed::Bzip2 => "bz2",
        }
    }

    fn unpack(self, data: &[u8], most: usize) -> Option<Vec<u8>> {
        match self {
            Packed::Lz4 => {
                // The length stands before the block.
                let (length, block) = data.split_first_chunk::<4>()?;
                let length = usize::try_from(u32::from_le_bytes(*length)).ok().filter(|n| *n <= most)?;
                lz4_flex::block::decompress(block, length).ok().filter(|b| b.len() == length)
            }
            Packed::Bzip2 => {
                let mut out = Vec::new();
                bzip2::read::MultiBzDecoder::new(data).take(most as u64 + 1).read_to_end(&mut out).ok()?;
                (out.len() <= most).then_some(out)
            }
        }
    }
}

/// Makes the codecs known to the crate, once.
pub(super) fn register() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        for own in Packed::ALL {
            register_codec_v2(CodecRuntimePluginV2::new(
                move |name| name == own.id(),
                move |_| Ok(Codec::BytesToBytes(Arc::new(own))),
            ));
            register_codec_v3(CodecRuntimePluginV3::new(
                move |name| name.strip_prefix("numcodecs.") == Some(own.id()),
                move |_| Ok(Codec::BytesToBytes(Arc::new(own))),
            ));
        }
    });
}

impl ExtensionName for Packed {
    fn name(&self, version: ZarrVersion) -> Option<Cow<'static, str>> {
        Some(match version {
            ZarrVersion::V2 => Cow::Borrowed(self.id()),
            _ => Cow::Owned(format!("numcodecs.{}", self.id())),
        })
    }
}

impl CodecTraits for Packed {
    fn as_any(&self) -> &dyn std::any::Any {
        self
    }

    fn configuration(&self, _: ZarrVersion, _: &CodecMetadataOptions) -> Option<Configuration> {
        Some(Configuration::default())
    }

    fn partial_decoder_capability(&self) -> PartialDecoderCapability {
        PartialDecoderCapability { partial_read: false, partial_decode: false }
    }

    fn partial_encoder_capability(&self) -> PartialEncoderCapability {
        PartialEncoderCapability { partial_encode: false }
    }
}

impl BytesToBytesCodecTraits for Packed {
    fn into_dyn(self: Arc<Self>) -> Arc<dyn BytesToBytesCodecTraits> {
        self
    }

    fn recommended_concurrency(&self, _: &BytesRepresentation) -> Result<RecommendedConcurrency, CodecError> {
        Ok(RecommendedConcurrency::new_maximum(1))
    }

    fn encoded_representation(&self, _: &BytesRepresentation) -> BytesRepresentation {
        BytesRepresentation::UnboundedSize
    }

    fn encode<'a>(&self, _: ArrayBytesRaw<'a>, _: &CodecOptions) -> Result<ArrayBytesRaw<'a>, CodecError> {
        Err(CodecError::Other(format!("{} is read, not written", self.id())))
    }

    fn decode<'a>(
        &self,
        packed: ArrayBytesRaw<'a>,
        unpacked: &BytesRepresentation,
        _: &CodecOptions,
    ) -> Result<ArrayBytesRaw<'a>, CodecError> {
        let most = unpacked.size().and_then(|n| usize::try_from(n).ok()).unwrap_or(MOST);
        let damaged = || CodecError::Other(format!("the data packed by {} are damaged", self.id()));
        self.unpack(&packed, most).map(Cow::Owned).ok_or_else(damaged)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_claims_too_much_is_damaged() {
        let block = lz4_flex::block::compress(&[7; 100]);
        let packed = [&100u32.to_le_bytes()[..], &block].concat();
        assert_eq!(Packed::Lz4.unpack(&packed, 100).unwrap(), [7; 100]);
        assert_eq!(Packed::Lz4.unpack(&packed, 99), None);
        let wrong = [&101u32.to_le_bytes()[..], &block].concat();
        assert_eq!(Packed::Lz4.unpack(&wrong, 1000), None);
        assert_eq!(Packed::Lz4.unpack(&[1], 100), None);
        assert_eq!(Packed::Bzip2.unpack(&[1, 2, 3], 100), None);
    }
}
