"""What a graph may be made of: operators that compute a tensor from tensors, and nothing else.

Not here, and so refused: loops without a bound in the graph itself (Loop, Scan, beam searches),
what parses images, texts and patterns (ImageDecoder, Tokenizer, RegexFullMatch), and what reaches
for files or other programs (EPContext, Snpe). Names are those of onnx 1.23 and onnxruntime 1.32.
"""

from __future__ import annotations

from collections.abc import Mapping

ONNX = """
Abs Acos Acosh Add AffineGrid And ArgMax ArgMin Asin Asinh Atan Atanh Attention AveragePool
BatchNormalization Bernoulli BitShift BitwiseAnd BitwiseNot BitwiseOr BitwiseXor BlackmanWindow Cast
CastLike Ceil Celu CenterCropPad Clip Col2Im Compress Concat Constant ConstantOfShape Conv
ConvInteger ConvTranspose Cos Cosh CumProd CumSum DFT DeformConv DepthToSpace DequantizeLinear Det
Div Dropout DynamicQuantizeLinear Einsum Elu Equal Erf Exp Expand EyeLike Flatten Floor GRU Gather
GatherElements GatherND Gelu Gemm GlobalAveragePool GlobalLpPool GlobalMaxPool Greater
GreaterOrEqual GridSample GroupNormalization HammingWindow HannWindow HardSigmoid HardSwish Hardmax
Identity If InstanceNormalization IsInf IsNaN LRN LSTM LayerNormalization LeakyRelu Less LessOrEqual
Log LogSoftmax LpNormalization LpPool MatMul MatMulInteger Max MaxPool MaxRoiPool MaxUnpool Mean
MeanVarianceNormalization MelWeightMatrix Min Mish Mod Mul Multinomial Neg NonMaxSuppression NonZero
Not OneHot Or PRelu Pad Pow QLinearConv QLinearMatMul QuantizeLinear RMSNormalization RNN
RandomNormal RandomNormalLike RandomUniform RandomUniformLike Range Reciprocal ReduceL1 ReduceL2
ReduceLogSum ReduceLogSumExp ReduceMax ReduceMean ReduceMin ReduceProd ReduceSum ReduceSumSquare
Relu Reshape Resize ReverseSequence RoiAlign RotaryEmbedding Round STFT Scatter ScatterElements
ScatterND Selu Shape Shrink Sigmoid Sign SimplifiedLayerNormalization Sin Sinh Size Slice Softmax
Softplus Softsign SpaceToDepth Split Sqrt Squeeze Sub Sum Swish Tan Tanh TensorScatter
ThresholdedRelu Tile TopK Transpose Trilu Unique Unsqueeze Upsample Where Xor
"""
"""Of the ONNX standard (SimplifiedLayerNormalization is onnxruntime's, under that domain)."""

MICROSOFT = """
Attention BiasAdd BiasGelu BiasSoftmax BiasSplitGelu DecoderMaskedMultiHeadAttention
DecoderMaskedSelfAttention DequantizeLinear DynamicQuantizeLSTM DynamicQuantizeMatMul
EmbedLayerNormalization ExpandDims FastGelu FusedConv FusedGemm FusedMatMul FusedMatMulActivation
GatherBlockQuantized GatherND Gelu GemmFastGelu GroupNorm GroupQueryAttention Irfft MatMulBnb4
MatMulInteger16 MatMulIntegerToFloat MatMulNBits MulInteger MultiHeadAttention NhwcConv
NhwcFusedConv NhwcMaxPool PackedAttention PackedMultiHeadAttention Pad QAttention
QEmbedLayerNormalization QGemm QLinearAdd QLinearAveragePool QLinearConcat QLinearConv
QLinearGlobalAveragePool QLinearLeakyRelu QLinearMul QLinearReduceMean QLinearSigmoid QLinearSoftmax
QLinearWhere QuantizeLinear QuickGelu Range ReduceSumInteger RelativePositionBias RemovePadding
RestorePadding Rfft RotaryEmbedding SkipGroupNorm SkipLayerNormalization
SkipSimplifiedLayerNormalization TransposeMatMul Trilu Unique
"""
"""Of onnxruntime: what quantisation and the fusion of attention leave in a graph."""

ALLOWED: Mapping[str, frozenset[str]] = {
    "": frozenset(ONNX.split()),
    "com.microsoft": frozenset(MICROSOFT.split()),
}
"""By domain."""

OPSETS: Mapping[str, tuple[int, int]] = {"": (7, 25), "com.microsoft": (1, 1)}
"""Lowest and highest version of a domain; opset 7 is the first that onnxruntime promises to run."""

UNUSED_DOMAINS = frozenset(
    {"ai.onnx.ml", "ai.onnx.training", "ai.onnx.preview.training", "com.microsoft.nchwc",
     "com.microsoft.experimental", "com.ms.internal.nhwc", "org.pytorch.aten"}
)  # fmt: skip
"""Exporters declare them and use nothing of them: what is declared does no harm."""
