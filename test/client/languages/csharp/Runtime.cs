// What generated code uses of Google.Protobuf, declared and not implemented: the real one is in no package repository that the
// tests reach, and needs a newer compiler than mono's. Enough to find names that collide, or that are none of C#.
using System;
using System.Collections.Generic;

namespace Google.Protobuf {
  public interface IMessage {
    Reflection.MessageDescriptor Descriptor { get; }
  }
  public interface IMessage<T> : IMessage {}
  public class MessageParser<T> {
    public MessageParser(Func<T> factory) {}
  }
  public class UnknownFieldSet {
    public static UnknownFieldSet Clone(UnknownFieldSet other) { return other; }
    public static UnknownFieldSet MergeFrom(UnknownFieldSet one, UnknownFieldSet other) { return one; }
    public static UnknownFieldSet MergeFieldFrom(UnknownFieldSet fields, CodedInputStream input) { return fields; }
    public void WriteTo(CodedOutputStream output) {}
    public int CalculateSize() { return 0; }
  }
  public class ByteString {
    public static ByteString Empty { get { return null; } }
    public int Length { get { return 0; } }
    public static bool operator ==(ByteString one, ByteString other) { return true; }
    public static bool operator !=(ByteString one, ByteString other) { return false; }
    public override bool Equals(object other) { return true; }
    public override int GetHashCode() { return 0; }
  }
  public class CodedInputStream {
    public uint ReadTag() { return 0; }
    public double ReadDouble() { return 0; }
    public uint ReadUInt32() { return 0; }
    public ulong ReadUInt64() { return 0; }
    public long ReadInt64() { return 0; }
    public int ReadInt32() { return 0; }
    public int ReadEnum() { return 0; }
    public bool ReadBool() { return false; }
    public string ReadString() { return ""; }
    public ByteString ReadBytes() { return null; }
    public void ReadMessage(IMessage message) {}
  }
  public class CodedOutputStream {
    public void WriteRawTag(byte one) {}
    public void WriteRawTag(byte one, byte two) {}
    public void WriteDouble(double value) {}
    public void WriteUInt32(uint value) {}
    public void WriteUInt64(ulong value) {}
    public void WriteInt64(long value) {}
    public void WriteInt32(int value) {}
    public void WriteEnum(int value) {}
    public void WriteBool(bool value) {}
    public void WriteString(string value) {}
    public void WriteBytes(ByteString value) {}
    public void WriteMessage(IMessage value) {}
    public static int ComputeUInt32Size(uint value) { return 0; }
    public static int ComputeUInt64Size(ulong value) { return 0; }
    public static int ComputeInt64Size(long value) { return 0; }
    public static int ComputeInt32Size(int value) { return 0; }
    public static int ComputeEnumSize(int value) { return 0; }
    public static int ComputeStringSize(string value) { return 0; }
    public static int ComputeBytesSize(ByteString value) { return 0; }
    public static int ComputeMessageSize(IMessage value) { return 0; }
  }
  public class FieldCodec<T> {}
  public static class FieldCodec {
    public static FieldCodec<string> ForString(uint tag) { return null; }
    public static FieldCodec<string> ForString(uint tag, string fallback) { return null; }
    public static FieldCodec<uint> ForUInt32(uint tag) { return null; }
    public static FieldCodec<ulong> ForUInt64(uint tag) { return null; }
    public static FieldCodec<T> ForEnum<T>(uint tag, Func<T, int> to, Func<int, T> from) { return null; }
    public static FieldCodec<T> ForMessage<T>(uint tag, MessageParser<T> parser) { return null; }
  }
  public static class ProtoPreconditions {
    public static T CheckNotNull<T>(T value, string name) { return value; }
  }
  public class Extension {}
  public class JsonFormatter {
    public static string ToDiagnosticString(IMessage message) { return ""; }
  }
}

namespace Google.Protobuf.Collections {
  public class RepeatedField<T> : List<T> {
    public RepeatedField<T> Clone() { return this; }
    public void Add(RepeatedField<T> others) {}
    public void AddEntriesFrom(CodedInputStream input, FieldCodec<T> codec) {}
    public void WriteTo(CodedOutputStream output, FieldCodec<T> codec) {}
    public int CalculateSize(FieldCodec<T> codec) { return 0; }
  }
  public class MapField<K, V> : Dictionary<K, V> {
    public class Codec {
      public Codec(FieldCodec<K> key, FieldCodec<V> value, uint tag) {}
    }
    public MapField<K, V> Clone() { return this; }
    public void Add(MapField<K, V> others) {}
    public void MergeFrom(MapField<K, V> others) {}
    public void AddEntriesFrom(CodedInputStream input, Codec codec) {}
    public void WriteTo(CodedOutputStream output, Codec codec) {}
    public int CalculateSize(Codec codec) { return 0; }
  }
  public static class ProtobufEqualityComparers {
    public static EqualityComparer<double> BitwiseDoubleEqualityComparer { get { return null; } }
  }
}

namespace Google.Protobuf.Reflection {
  public class OriginalNameAttribute : Attribute {
    public OriginalNameAttribute(string name) {}
  }
  public class GeneratedClrTypeInfo {
    public GeneratedClrTypeInfo(Type type, object parser, string[] fields, string[] oneofs, Type[] enums, Extension[] extensions,
        GeneratedClrTypeInfo[] nested) {}
    public GeneratedClrTypeInfo(Type[] enums, Extension[] extensions, GeneratedClrTypeInfo[] messages) {}
  }
  public class MessageDescriptor {
    public IList<MessageDescriptor> NestedTypes { get { return null; } }
  }
  public class FileDescriptor {
    public IList<MessageDescriptor> MessageTypes { get { return null; } }
    public static FileDescriptor FromGeneratedCode(byte[] data, FileDescriptor[] dependencies, GeneratedClrTypeInfo info) { return null; }
  }
}
